import Files
import Glibc
import ISCSI
import Identifiers

/// Under which name this host asks. Targets show themselves to those that they know.
package struct DiscoveryInitiator: Equatable, Sendable {
    package var identity: InitiatorIdentity
    /// Where it is not the host's own name: why, and what follows from it.
    package var note: String?

    package static let path = "/etc/iscsi/initiatorname.iscsi"

    /// The name in open-iscsi's file under a root; a temporary one where there is none or it cannot be read.
    package static func find(sysroot: String?, random: RandomSource = .kernel) throws(DiscoveryFault) -> DiscoveryInitiator {
        do throws(SetupError) {
            guard let (name, spelling) = try InitiatorNameRecord(OpenISCSITree(root: sysroot ?? "")).name() else {
                return temporary(random, "this host has no initiator name yet (\(path))")
            }
            return DiscoveryInitiator(identity: InitiatorIdentity(name: name, spelling: spelling))
        } catch {
            switch error {
            case .file(let error) where error.errno == EACCES || error.errno == EPERM:
                return temporary(random, "this host's initiator name can only be read by root (\(path))")
            case .file(let error): throw .file(error)
            case .record(_, _, let reason): throw .misconfigured(path: path, reason: reason)
            default: throw .misconfigured(path: path, reason: "\(error)")
            }
        }
    }

    /// A name that is nobody's: `invalid` is reserved for that (RFC 2606).
    private static func temporary(_ random: RandomSource, _ why: String) -> DiscoveryInitiator {
        let digits = random.bytes(6).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        let text = "iqn.2026-11.invalid.quartermaster:temporary-\(digits)"
        guard let name = ISCSIName(text) else { preconditionFailure("\(text) is a name") }
        return DiscoveryInitiator(
            identity: InitiatorIdentity(name: name),
            note: "\(why): \(text) is used for now, and targets that show themselves to known initiators alone are not found")
    }
}

/// Why a discovery could not begin.
package enum DiscoveryFault: Error, Equatable, Sendable {
    case file(FileError)
    case misconfigured(path: String, reason: String)
}

extension DiscoveryFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let error): error.description
        case .misconfigured(let path, let reason): "\(path) holds no initiator name that can be used: \(reason)"
        }
    }

    package var outcome: ISCSIOutcome {
        switch self {
        case .file: .initiatorMisconfigured
        case .misconfigured: .initiatorMisconfigured
        }
    }
}
