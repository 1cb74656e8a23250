import Files
import Glibc
import Messages

/// Has every SCSI host look for new logical units: `- - -` (all channels, targets and units) into `/sys/class/scsi_host/*/scan`. Needs root.
package enum BusScan {
    package enum Outcome: Equatable, Sendable {
        case scanned(hosts: Int)
        /// This process may not; the facts were read anew all the same.
        case notPermitted
        case failed(host: String, errno: Int32)
    }

    package static func run(root: String) -> Outcome {
        let path = "\(root)/sys/class/scsi_host"
        let names: [String]
        do throws(FileError) {
            names = try FileDescriptor(directory: path).names(limit: 4096).sorted()
        } catch {
            return error.errno == ENOENT ? .scanned(hosts: 0) : .failed(host: "scsi_host", errno: error.errno ?? EIO)
        }
        for name in names {
            do throws(FileError) {
                try FileDescriptor(opening: "\(path)/\(name)/scan", flags: O_WRONLY).writeAll(Array("- - -".utf8))
            } catch {
                switch error.errno {
                case EACCES, EPERM, EROFS: return .notPermitted
                case let number: return .failed(host: name, errno: number ?? EIO)
                }
            }
        }
        return .scanned(hosts: names.count)
    }
}

extension BusScan.Outcome {
    /// As it is acknowledged.
    package var acknowledged: (outcome: Acknowledgement.Outcome, detail: String) {
        switch self {
        case .scanned(let hosts): (.done, "\(hosts) SCSI hosts scanned")
        case .notPermitted: (.refused, "not permitted: scanning SCSI hosts takes root; the facts were read anew")
        case .failed(let host, let errno): (.failed, "scanning \(host): \(FileError.text(of: errno))")
        }
    }
}
