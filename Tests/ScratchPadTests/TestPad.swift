import Identifiers
import PadSimulation
import ScratchPad
import Sealing
import Testing

/// A pad's medium of each implementation, and how tests get at what is under it.
enum MediumKind: CaseIterable, Sendable {
    case directory, bounded, simulated
}

/// A pad with a controller's side and a host's, on a medium of its own.
struct TestPad {
    let test: TestKeys
    let directory: TemporaryDirectory?
    let medium: any PadMedium
    let storage: SimulatedStorage?
    let header: PadHeader
    var controller: ControllerPad
    let now: Timestamp

    static let padID = PadID.random()

    init(_ kind: MediumKind = .directory, limits: PadLimits = PadLimits()) throws {
        let now = Timestamp(seconds: 1_795_246_200)
        test = try TestKeys(now: now)
        self.now = now
        switch kind {
        case .directory, .bounded:
            let directory = try TemporaryDirectory()
            self.directory = directory
            storage = nil
            let plain = DirectoryMedium(path: "\(directory.path)/pad")
            medium =
                kind == .directory
                ? plain : BoundedMedium(plain, path: plain.path, patience: PadPatience(limit: .seconds(300)))
        case .simulated:
            let storage = SimulatedStorage(seed: 1)
            self.storage = storage
            directory = nil
            medium = storage.medium(for: 0)
        }
        header = PadHeader(
            padID: Self.padID, controllerID: .random(), generation: 1, epoch: 1, issuedAt: now, lifetime: .seconds(3600),
            interval: .seconds(1), limits: limits, keys: test.keys)
        controller = try ControllerPad.create(on: medium, header: header, keys: test.keys)
    }

    /// A pad on a storage that others use too.
    init(on storage: SimulatedStorage, as machine: SimulatedStorage.Machine) throws {
        let now = Timestamp(seconds: 1_795_246_200)
        test = try TestKeys(now: now)
        self.now = now
        self.storage = storage
        directory = nil
        medium = storage.medium(for: machine)
        header = PadHeader(
            padID: Self.padID, controllerID: .random(), generation: 1, epoch: 1, issuedAt: now, lifetime: .seconds(3600),
            interval: .seconds(1), keys: test.keys)
        controller = try ControllerPad.create(on: medium, header: header, keys: test.keys)
        try medium.synchronize(nil)
    }

    func host(on medium: any PadMedium) throws -> HostPad {
        try HostPad.open(medium, trust: .pinned(test.keys.fingerprint), known: nil, now: now)
    }

    /// Of the directory that the pad is in.
    var path: String { (medium as? DirectoryMedium)?.path ?? "" }

    func host() throws -> HostPad {
        try HostPad.open(medium, trust: .pinned(test.keys.fingerprint), known: nil, now: now)
    }
}

func name(_ text: String) throws -> PadName { try #require(PadName(text)) }

func fingerprint(_ number: UInt8) throws -> Fingerprint {
    try #require(Fingerprint(bytes: [UInt8](repeating: number, count: 32)))
}
