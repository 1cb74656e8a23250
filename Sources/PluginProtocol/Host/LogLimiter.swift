/// What a plug-in writes to standard error, made fit for our log: bounded lines without control characters, so many in a time.
package struct LogLimiter: Sendable {
    package let limits: PluginLimits
    private var framer: LineFramer
    private var windowEnd: Duration = .zero
    private var passed = 0
    private var dropped = 0
    /// The last line that came, passed on or not: what a process that ended said last.
    package private(set) var lastLine: String?

    package init(limits: PluginLimits) {
        self.limits = limits
        framer = LineFramer(limit: limits.logLineBytes)
    }

    /// The lines to log.
    package mutating func append(_ bytes: some Collection<UInt8>, at now: Duration) -> [String] {
        var lines: [String] = []
        for piece in framer.append(bytes) {
            if now >= windowEnd {
                lines += summary()
                windowEnd = now + limits.logWindow
                passed = 0
            }
            let line =
                switch piece {
                case .line(let bytes): Self.printable(bytes)
                case .overlong: "(a line of more than \(limits.logLineBytes) bytes)"
                }
            lastLine = line
            passed += 1
            if passed <= limits.logLines { lines.append(line) } else { dropped += 1 }
        }
        return lines
    }

    /// How many lines were left out since this was last said.
    package mutating func summary() -> [String] {
        defer { dropped = 0 }
        return dropped == 0 ? [] : ["(\(dropped) more lines in \(limits.logWindow) were left out)"]
    }

    /// Control characters and what is not UTF-8 are replaced.
    static func printable(_ bytes: [UInt8]) -> String { PluginText.cleaned(String(decoding: bytes, as: UTF8.self), limit: .max) }
}
