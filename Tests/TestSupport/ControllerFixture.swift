import Daemons
import Foundation
import Identifiers
import Inventory
import Logging
import PadSimulation
import Provider
import ScratchPad
import Sealing
import Store

/// A whole controller without a server: database, keys, intake and pads in a directory of its own, under a manual clock. What it made is
/// removed when its scope ends, the last first, whatever happened.
package final class ControllerFixture: @unchecked Sendable {
    // Unchecked: a test uses it from one task at a time.
    package let directory: DataDirectory
    package let clock: ManualClock
    package private(set) var store: Store
    package private(set) var keys: ControllerKeys
    package private(set) var authentication: Authentication
    package private(set) var intake: Intake
    package private(set) var configuration: IntakeConfiguration
    private var media: [PadID: any PadMedium] = [:]
    private var endings: [@Sendable () throws -> Void] = []

    package static let password = "correct horse"

    /// Makes a controller, runs `body`, and removes everything. `inMemory`: on a file system in memory, where there is one.
    package static func run(
        _ configuration: IntakeConfiguration = IntakeConfiguration(), inMemory: Bool = false,
        _ body: (ControllerFixture) async throws -> Void
    ) async throws {
        let fixture = try await ControllerFixture(configuration, inMemory: inMemory)
        let result: Result<Void, any Error>
        do {
            try await body(fixture)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for ending in fixture.endings.reversed() { try? ending() }
        try? fixture.store.close()
        try? FileManager.default.removeItem(atPath: fixture.directory.path)
        try result.get()
    }

    private init(_ configuration: IntakeConfiguration, inMemory: Bool) async throws {
        let memory = "/dev/shm"
        let base =
            inMemory && FileManager.default.isWritableFile(atPath: memory)
            ? URL(fileURLWithPath: memory) : FileManager.default.temporaryDirectory
        let path = base.appendingPathComponent("quartermaster-\(UUID().uuidString)").path
        directory = DataDirectory(path)
        try directory.create()
        let clock = ManualClock()
        self.clock = clock
        self.configuration = configuration
        let id = ControllerID.random()
        store = try await Store.create(in: directory, controllerID: id, clock: clock.read)
        keys = try ControllerKeys.create(in: path + "/keys", name: id.text, now: clock.now)
        authentication = Self.authentication(store, clock)
        intake = Self.intake(store, keys, authentication, configuration, clock) { _, _ in }
    }

    /// At the end of the scope, before what was made earlier goes.
    package func atEnd(_ body: @escaping @Sendable () throws -> Void) { endings.append(body) }

    // MARK: Intake

    /// One pass over all pads.
    @discardableResult
    package func pass() async throws -> PassSummary { try await intake.passNow() }

    /// The controller's process ends and starts again: what was only in memory is gone. `hook` is called at each durable step of the new one.
    package func restart(version: String? = nil, hook: @escaping CrashPointHook = { _, _ in }) async throws {
        if let version { configuration.version = version }
        authentication = Self.authentication(store, clock)
        intake = Self.intake(store, keys, authentication, configuration, clock, hook)
        for pad in try await store.read({ try $0.activePads() }) { try await intake.addPad(pad, medium: media[pad.id]) }
    }

    /// New leaf keys, as `key rotate` makes them; pads get headers that name them.
    package func rotateKeys() async throws {
        keys = try ControllerKeys.rotate(in: directory.path + "/keys", now: clock.now)
        try await intake.replaceKeys(keys)
    }

    /// Goes back to the state of a backup, as `restore` does, and starts again.
    package func restore(backup: String) async throws {
        try store.close()
        let path = directory.path + "/restored-\(UUID().uuidString)"
        let restored = DataDirectory(path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        _ = try await Restore(backup: backup, directory: restored, clock: clock.read).run(by: .provider("test"))
        store = try await Store(directory: restored, clock: clock.read)
        try await restart()
    }

    private static func authentication(_ store: Store, _ clock: ManualClock) -> Authentication {
        Authentication(store: store, hasher: ScryptHasher(parameters: .weak), clock: clock.read)
    }

    private static func intake(
        _ store: Store, _ keys: ControllerKeys, _ authentication: Authentication, _ configuration: IntakeConfiguration,
        _ clock: ManualClock,
        _ hook: @escaping CrashPointHook
    ) -> Intake {
        Intake(
            store: store, keys: keys, authentication: authentication, configuration: configuration, clock: clock.read,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), hook: hook)
    }

    // MARK: Customers

    /// An account with a domain `main` and a server-admin `root` whose password is `ControllerFixture.password`.
    package func customer(_ name: String = "acme") async throws -> Customer {
        let hash = try await authentication.hash(Array(Self.password.utf8))
        return try await store.write { transaction in
            let account = try transaction.createAccount(name: Name(name), by: .provider("test"))
            let domain = try transaction.createDomain(account: account.id, name: Name("main"), by: .provider("test"))
            let user = try transaction.createUser(
                account: account.id, domain: domain.id, name: Name("root"), role: .serverAdmin, passwordHash: hash, by: .provider("test"))
            return Customer(accountID: account.id, domainID: domain.id, domain: "main", userID: user.id, user: "root")
        }
    }

    package struct Customer: Sendable {
        package let accountID: AccountID
        package let domainID: DomainID
        package let domain: String
        package let userID: UserID
        package let user: String

        /// One that a controller knows which runs as a program.
        package static func named(_ accountID: AccountID, domain: String, user: String) -> Customer {
            Customer(accountID: accountID, domainID: .random(), domain: domain, userID: .random(), user: user)
        }
    }

    // MARK: Pads

    /// A pad in memory, or on the medium given; of one customer, or shared.
    package func pad(of customer: Customer? = nil, medium: (any PadMedium)? = nil, interval: Duration = .seconds(1)) async throws -> TestPad
    {
        let storage = SimulatedStorage(seed: 1)
        let medium = medium ?? storage.medium(for: 0)
        let (now, keys) = (clock.now, keys)
        let name = "/pads/\(UUID().uuidString)"
        let record = try await store.write {
            try $0.createPad(directory: name, account: customer?.accountID, interval: interval, by: .provider("test"))
        }
        let controller = try await store.read { try $0.controller() }
        _ = try ControllerPad.create(
            on: medium,
            header: PadHeader(
                padID: record.id, controllerID: controller.id, generation: record.generation, epoch: controller.epoch, issuedAt: now,
                lifetime: PadHeader.lifetime, interval: interval, keys: keys), keys: keys)
        media[record.id] = medium
        try await intake.addPad(record, medium: medium)
        return TestPad(record: record, medium: medium, storage: storage)
    }

    package struct TestPad: Sendable {
        package let record: PadRecord
        package var medium: any PadMedium
        /// What `medium` lies on, unless one was given.
        package let storage: SimulatedStorage
        package var id: PadID { record.id }
    }

    /// A host that has never registered.
    package func host(
        on pad: TestPad, name: String = "web1", machineID: String? = "0123456789abcdef0123456789abcdef",
        initiators: [String] = ["iqn.2026-11.com.example:web1"]
    ) throws -> SimulatedHost {
        try SimulatedHost(
            pad: pad, controller: keys.fingerprint, clock: clock.read, name: name, machineID: machineID, initiators: initiators)
    }

    // MARK: What is known

    package func associations() async throws -> [AssociationRecord] { try await store.read { try $0.associations() }.elements }
    package func hosts() async throws -> [HostRecord] { try await store.read { try $0.hosts() }.elements }
    package func notifications() async throws -> [StoredNotification] { try await store.read { try $0.notifications().elements } }
    package func audit(of account: AccountID) async throws -> [AuditEvent] {
        var events: [AuditEvent] = []
        var after: String?
        repeat {
            let page = try await store.read { [after] in try $0.auditEvents(account: account, PageRequest(limit: 1_000, after: after)) }
            events += page.elements
            after = page.next
        } while after != nil
        return events
    }
    package func audit() async throws -> [AuditEvent] { try await store.read { try $0.auditEvents(PageRequest(limit: 1_000)) }.elements }
}
