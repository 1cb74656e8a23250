import StrictJSON

/// One fault of a configuration file: where, what, and what is allowed there.
package struct ConfigurationFault: Equatable, Sendable {
    package let file: String
    /// From 1; 0 where the fault is of the file as a whole.
    package let line: Int
    /// `section.key`, or `[section]`; nil where there is none.
    package let key: String?
    package let reason: String
    package let allowed: String?

    package init(file: String, line: Int, key: String?, reason: String, allowed: String?) {
        self.file = file
        self.line = line
        self.key = key
        self.reason = reason
        self.allowed = allowed
    }
}

extension ConfigurationFault: CustomStringConvertible {
    /// `FILE:LINE: KEY: reason; allowed: …`
    package var description: String {
        var text = line > 0 ? "\(file):\(line): " : "\(file): "
        if let key { text += "\(key): " }
        text += reason
        if let allowed { text += "; allowed: \(allowed)" }
        return text
    }
}

extension ConfigurationFault: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("file", file)
            $0.member("line", line > 0 ? line : nil)
            $0.member("key", key)
            $0.member("reason", reason)
            $0.member("allowed", allowed)
        }
    }
}
