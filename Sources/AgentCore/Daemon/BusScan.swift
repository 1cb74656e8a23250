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
        /// The others were scanned all the same; of those that could not be, the first one.
        case partly(scanned: Int, hosts: Int, first: String, errno: Int32)
    }

    package static func run(root: String) -> Outcome {
        let path = "\(root)/sys/class/scsi_host"
        let names: [String]
        do throws(FileError) {
            names = try FileDescriptor(directory: path).names(limit: 4096).sorted()
        } catch {
            return error.errno == ENOENT ? .scanned(hosts: 0) : .failed(host: "scsi_host", errno: error.errno ?? EIO)
        }
        var scanned = 0
        var gone = 0
        var fault: (host: String, errno: Int32)?
        for name in names {
            do throws(FileError) {
                try FileDescriptor(opening: "\(path)/\(name)/scan", flags: O_WRONLY).writeAll(Array("- - -".utf8))
                scanned += 1
            } catch {
                switch error.errno {
                case EACCES, EPERM, EROFS: return .notPermitted
                // Unplugged since they were listed.
                case ENOENT, ENODEV: gone += 1
                case let number: fault = fault ?? (name, number ?? EIO)
                }
            }
        }
        guard let fault else { return .scanned(hosts: scanned) }
        return .partly(scanned: scanned, hosts: names.count - gone, first: fault.host, errno: fault.errno)
    }
}

extension BusScan.Outcome {
    /// As it is acknowledged.
    package var acknowledged: (outcome: Acknowledgement.Outcome, detail: String) {
        switch self {
        case .scanned(let hosts): (.done, "\(hosts) SCSI hosts scanned")
        case .notPermitted: (.refused, "not permitted: scanning SCSI hosts takes root; the facts were read anew")
        case .partly(let scanned, let hosts, let first, let errno):
            (.failed, "\(scanned) of \(hosts) SCSI hosts scanned; \(first): \(FileError.text(of: errno))")
        case .failed(let host, let errno): (.failed, "scanning \(host): \(FileError.text(of: errno))")
        }
    }
}

extension AgentContext {
    /// Has the buses scanned, by the root helper where there is one: as it is acknowledged.
    func scanBuses(_ order: SignedOrder?) -> (outcome: Acknowledgement.Outcome, detail: String) {
        guard let privileged else { return BusScan.run(root: root).acknowledged }
        guard let order else { return BusScan.Outcome.notPermitted.acknowledged }
        do throws(AgentError) {
            // Ports without an answer are waited for in turn; the watchdog's three minutes are longer.
            let answer = try privileged.ask(.scan(order), patience: .seconds(100))
            let detail = answer.detail ?? ""
            switch answer.outcome {
            case .done: return (.done, detail)
            case .refused: return (.refused, "the root helper refused: \(detail)")
            case .failed: return (.failed, detail)
            }
        } catch {
            log.warning("\(error)")
            return (.refused, "not permitted: \(error); the facts were read anew")
        }
    }
}
