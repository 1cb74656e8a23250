import Glibc
import Initiator

/// One line of progress that overwrites itself, on standard error where that is a terminal.
struct ProgressLine {
    let isShown = isatty(STDERR_FILENO) == 1

    func show(_ progress: DiscoveryProgress) {
        let scan = progress.addresses > 0 ? "\(progress.tried) of \(progress.addresses) addresses, " : ""
        write("\r\u{1B}[K\(scan)\(progress.portals) portals, \(progress.targets) targets")
    }

    func clear() { if isShown { write("\r\u{1B}[K") } }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        // Progress that cannot be shown has nobody to tell.
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
