import Files
import Glibc
import ISCSI
import Identifiers
import Inventory
import Synchronization
import Testing

@testable import Initiator

/// A host in a folder: open-iscsi's files, and an `iscsiadm` that makes and ends sessions as files of `live`.
struct SetupFixture {
    let folder: TestFolder
    let database: RecordDatabase
    let journal: SetupJournal
    static let target = "iqn.2026-11.lab.example:t1"

    init() throws {
        folder = try TestFolder()
        database = RecordDatabase(OpenISCSITree(root: folder.path))
        journal = SetupJournal("\(folder.path)/state/iscsi")
        try makeDirectories("\(folder.path)/live")
        try makeDirectories("\(folder.path)/state/iscsi")
        try makeDirectories("\(folder.path)/run/lock/iscsi")
        try folder.file("etc/iscsi/iscsid.conf", "node.session.queue_depth = 64\n", mode: 0o644)
        try folder.file(
            "bin/iscsiadm",
            """
            #!/bin/sh
            # iscsiadm -m node -T TARGET -p PORTAL -I INTERFACE --login, or -m session -r NUMBER --logout
            echo "$@" >>\(folder.path)/calls
            case "$*" in
            *--login) [ ! -e \(folder.path)/refuses ] || exit 24
                      number=$(printf %s "$6" | cksum | cut -c 1-4); echo "$4 $6 $8" >\(folder.path)/live/$number
                      [ ! -e \(folder.path)/overtaken ] || exit 15 ;;
            *--logout) rm -f \(folder.path)/live/$4 ;;
            esac
            """, mode: 0o700)
    }

    /// A session as somebody else makes it, with a number of its own.
    func somebodyConnects(_ portal: String, number: Int) throws {
        try folder.file("live/\(number)", "\(Self.target) \(portal) default\n")
    }

    /// The sessions of `live`, each with one unit, and on each unit a file system where there is a file `mounted`.
    func state() throws(SetupError) -> HostState {
        var sessions: [Inventory.Session] = []
        var devices: [Inventory.BlockDevice] = []
        var fileSystems: [Inventory.FileSystem] = []
        do throws(FileError) {
            for number in try FileDescriptor(directory: "\(folder.path)/live").names().sorted() {
                let words = String(decoding: try readFile("\(folder.path)/live/\(number)"), as: UTF8.self).split(separator: " ")
                guard words.count == 3 else { continue }
                var session = Inventory.Session(name: "session\(number)")
                session.target = ISCSIName(String(words[0]))
                session.state = "LOGGED_IN"
                session.interface = String(words[2].dropLast())
                session.portals = [.init(address: String(words[1].prefix { $0 != ":" }), port: 3260)]
                sessions.append(session)
                var disk = Inventory.BlockDevice(name: "sd\(number)", kind: "disk", sizeBytes: 1 << 20)
                disk.wwid = WWID("naa.6001405000000000000000000000000\(number.suffix(1))")
                disk.logicalUnit = Inventory.LogicalUnit(lun: 0, session: session.name)
                devices.append(disk)
                guard access("\(folder.path)/mounted", F_OK) == 0 else { continue }
                fileSystems.append(
                    Inventory.FileSystem(mountPoint: "/srv/\(number)", type: "xfs", source: "/dev/\(disk.name)", devices: [disk.name]))
            }
        } catch {
            throw .file(error)
        }
        return HostState(Inventory(host: Inventory.Host(), blockDevices: devices, fileSystems: fileSystems, sessions: sessions))
    }

    func setup(
        boot: String = "boot-1", interruption: Interruption = .none,
        reached: @escaping @Sendable (SetupStep) throws(SetupError) -> Void = { _ throws(SetupError) in }
    ) -> Setup {
        let fixture = Shared(self)
        return Setup(
            database: database, journal: journal,
            iscsiadm: Iscsiadm(program: ExternalProgram(path: "\(folder.path)/bin/iscsiadm")), boot: boot,
            pollingInterval: .milliseconds(5), interruption: interruption,
            state: { () throws(SetupError) in try fixture.value.state() }, reached: reached)
    }

    func preparation(
        multipath: Bool = false, others: [PortalAddress] = [],
        lookUp: @escaping @Sendable ([String]) -> [String: NameResolver.Outcome] = { NameResolver.lookUp($0) },
        asked: @escaping @Sendable (CHAPCredentials?, [CHAPAlgorithm]) -> Void = { _, _ in }
    ) -> Preparation {
        let fixture = Shared(self)
        return Preparation(
            database: database,
            probe: PortalProbe(
                targets: { portal, _ throws(PortalProbe.Failure) in
                    guard let name = ISCSIName(Self.target), let first = PortalAddress("10.99.0.1"), let second = PortalAddress("10.99.0.2")
                    else {
                        return []
                    }
                    return [
                        DiscoveredTarget(
                            name: name,
                            portals: ([first, second] + others).map { TargetPortal(address: $0, groupTag: 1) })
                    ]
                },
                check: { portal, target, credentials, algorithms throws(PortalProbe.Failure) in
                    asked(credentials, algorithms)
                    return CredentialCheck.Answer(
                        algorithm: credentials == nil ? nil : algorithms.contains(.sha256) ? .sha256 : algorithms.first, groupTag: 1)
                }),
            state: { () throws(SetupError) in try fixture.value.state() }, hasNetworkDevice: { $0 == "eth7" }, lookUp: lookUp,
            multipathRuns: { multipath })
    }

    func request(allPortals: Bool = true) throws -> ConnectRequest {
        var request = ConnectRequest(target: try #require(ISCSIName(Self.target)), portals: [try #require(PortalAddress("10.99.0.1"))])
        request.allPortals = allPortals
        request.credentials = CHAPCredentials(
            user: "host1", secret: CHAPSecret("planted-secret-1".utf8),
            mutual: CHAPCredentials.Mutual(user: "array1", secret: CHAPSecret("planted-secret-2".utf8)))
        request.deadline = .seconds(60)
        return request
    }

    /// Everything that a set-up changes.
    func picture() -> [String: String] { folder.picture("etc").merging(folder.picture("live")) { first, _ in first } }

    /// Closures that tests give are Sendable; the folder is used from one thread.
    private final class Shared: @unchecked Sendable {
        let value: SetupFixture
        init(_ value: SetupFixture) { self.value = value }
    }
}
