import Files
import Glibc
import HostFacts
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
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try readFile("\(sysroot ?? "")\(path)", limit: 64 << 10)
        } catch {
            switch error.errno {
            case ENOENT, ENOTDIR: return temporary(random, "this host has no initiator name yet (\(path))")
            case EACCES, EPERM: return temporary(random, "this host's initiator name can only be read by root (\(path))")
            default: throw .file(error)
            }
        }
        switch bytes.withUnsafeBytes({ InitiatorNameFile.parse($0) }) {
        case .value(let name): return DiscoveryInitiator(identity: InitiatorIdentity(name: name, spelling: spelling(bytes)))
        case .nothing: return temporary(random, "this host has no initiator name yet (\(path) names none)")
        case .malformed(let reason): throw .misconfigured(path: path, reason: reason)
        }
    }

    /// As the file has it: targets' access lists may compare bytes.
    private static func spelling(_ bytes: [UInt8]) -> String? {
        let key = Array("InitiatorName".utf8)
        for line in bytes.split(separator: 0x0A) {
            let line = line.drop { $0 == 0x20 || $0 == 0x09 }
            guard line.starts(with: key), let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let value = line[(equals + 1)...].drop { $0 <= 0x20 }
            return String(validating: value.prefix { $0 > 0x20 }, as: UTF8.self)
        }
        return nil
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
