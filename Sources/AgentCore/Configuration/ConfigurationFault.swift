import Glibc
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

extension AgentConfiguration {
    /// Of places that no line of `file` can show: the state directory's is somebody else's. Nil where nothing is there: it is made then.
    package func stateFault(in file: String) -> ConfigurationFault? {
        var status = stat()
        guard stat(stateDirectory, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return nil }
        return ConfigurationFault(
            file: file, line: 0, key: "agent.state-directory", reason: "\(stateDirectory) is there, and no directory",
            allowed: "a directory, or a path at which there is nothing yet")
    }

    /// The directory of the metrics is not there; whoever makes it may come later.
    package func metricsWarning(in file: String) -> ConfigurationFault? {
        guard let metricsFile, let slash = metricsFile.lastIndex(of: "/") else { return nil }
        let directory = String(metricsFile[...slash])
        guard access(directory, F_OK) != 0, errno == ENOENT || errno == ENOTDIR else { return nil }
        return ConfigurationFault(
            file: file, line: 0, key: "metrics.textfile",
            reason: "there is no directory \(directory), and no metrics are written until there is",
            allowed: "a path in the directory that node_exporter reads")
    }
}
