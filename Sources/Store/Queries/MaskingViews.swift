import Identifiers
import Provider

extension ReadTransaction {
    /// The volumes that storage systems mask to this initiator by name; what is open to everybody is not among them.
    func maskedVolumes(for initiator: InitiatorName) throws -> [MaskedVolume] { [] }

    func sessions(of initiator: InitiatorName) throws -> [SeenSession] { [] }

    func initiatorsMasked(system: SystemID, volume: String) throws -> [InitiatorName] { [] }
}
