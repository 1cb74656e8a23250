import Glibc
import PluginProtocol

/// Talks to one tgtd through `tgtadm`.
struct Tgtadm: Sendable {
    /// `-C`: which tgtd.
    let controlPort: Int
    let path: String

    /// Where packages put it; no search path of somebody's is followed.
    static let paths = ["/usr/sbin/tgtadm", "/usr/local/sbin/tgtadm", "/usr/bin/tgtadm", "/sbin/tgtadm"]

    init(controlPort: Int) throws(PluginFault) {
        guard let path = Self.paths.first(where: { access($0, X_OK) == 0 }) else {
            throw PluginFault(.unavailable, "there is no tgtadm in \(Self.paths.joined(separator: ", ")); install the package tgt")
        }
        self.controlPort = controlPort
        self.path = path
    }

    /// All targets, in tgt's order.
    func listing() throws(PluginFault) -> TargetListing {
        for _ in 0..<3 {
            let shown = try show("target")
            let known = try show("lld")
            do throws(TargetListing.Malformed) {
                let listing = try TargetListing(parsing: shown)
                let named = try TargetListing.targets(ofDrivers: known)
                // A target that came or went in between makes them differ once.
                if Dictionary(uniqueKeysWithValues: listing.targets.map { ($0.number, $0.name) }) == named { return listing }
            } catch {
                throw PluginFault(
                    .internal,
                    """
                    tgtadm's list of targets cannot be trusted: line \(error.line) is not \(error.expected). An initiator's name or a path with a \
                    newline in it does that
                    """)
            }
        }
        throw PluginFault(.unavailable, "tgtadm's two lists of targets differ, three times in a row; try again")
    }

    func portals() throws(PluginFault) -> [(portal: String, tag: Int64)] {
        let shown = try show("portal")
        do throws(TargetListing.Malformed) { return try TargetListing.portals(shown) } catch {
            throw PluginFault(.internal, "tgtadm's list of portals cannot be read: line \(error.line) is not \(error.expected)")
        }
    }

    func version() throws(PluginFault) -> String {
        let text = String(decoding: try run(["--version"]).prefix(64), as: UTF8.self)
        return text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "unknown"
    }

    /// Per-session byte and command counters.
    func statistics() throws(PluginFault) -> [UInt8] { try run(arguments("sys", "stat")) }

    /// `ready`, where all is well.
    func state() throws(PluginFault) -> String {
        for line in String(decoding: try show("sys"), as: UTF8.self).split(separator: "\n") where line.hasPrefix("    State: ") {
            return String(line.dropFirst(11).prefix(64))
        }
        return "unknown"
    }

    private func show(_ mode: String) throws(PluginFault) -> [UInt8] { try run(arguments(mode, "show")) }

    private func arguments(_ mode: String, _ operation: String) -> [String] {
        ["-C", String(controlPort), "--lld", "iscsi", "--mode", mode, "--op", operation]
    }

    private func run(_ arguments: [String]) throws(PluginFault) -> [UInt8] {
        let output: OutsideProgram.Output
        do throws(OutsideProgram.Failure) {
            output = try OutsideProgram.run(path, arguments)
        } catch {
            throw PluginFault(.unavailable, "\(error)")
        }
        switch output.status {
        case 0: return output.output
        case Self.noDaemon:
            throw PluginFault(
                .unavailable, "no tgtd answers on control port \(controlPort): start it with `tgtd -C \(controlPort)`, or name its port")
        default:
            let words = output.message.split(separator: " ").joined(separator: " ").prefix(300)
            throw PluginFault(.unavailable, "tgtadm ended with status \(output.status)\(words.isEmpty ? "" : ": \(words)")")
        }
    }

    /// ENOTCONN, as tgtadm's exit status.
    private static let noDaemon: Int32 = 107
}
