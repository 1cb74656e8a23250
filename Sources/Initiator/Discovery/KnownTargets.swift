import Files
import Glibc
import HostFacts
import Identifiers
import Inventory

/// Which targets this host has sessions to, and which open-iscsi has records of.
package struct KnownTargets: Equatable, Sendable {
    package var connected: Set<ISCSIName> = []
    package var recorded: Set<ISCSIName> = []
    /// What could not be read, and what to do about it.
    package var notes: [String] = []

    package init(connected: Set<ISCSIName> = [], recorded: Set<ISCSIName> = []) {
        (self.connected, self.recorded) = (connected, recorded)
    }

    /// As many names are read of a directory: a host has hundreds at most.
    private static let limit = 100_000

    /// From sysfs and open-iscsi's records under a root; nil is this machine's.
    package static func read(sysroot: String?) throws(FileError) -> KnownTargets {
        var known = KnownTargets()
        known.connected = Set(try HostReader(sysroot: sysroot).sessions().compactMap(\.target))
        let path = OpenISCSITree(root: sysroot ?? "").nodes
        do throws(FileError) {
            // A folder for each target, named like it (open-iscsi's usr/idbm.c).
            known.recorded = Set(try FileDescriptor(directory: path).names(limit: limit).compactMap { ISCSIName($0) })
        } catch {
            switch error.errno {
            case ENOENT, ENOTDIR: break
            default: known.notes.append("\(error): what is recorded is not known; run this as root")
            }
        }
        return known
    }
}
