import Files
import Glibc

/// Finds a plug-in's executable by its name.
///
/// The directories are those of `QUARTERMASTER_PLUGIN_PATH` (colon-separated), of the configuration, the one beside the running executable, and
/// `/usr/libexec/quartermaster`, in that order; relative ones are passed over. The first directory that has the file decides.
package struct PluginFinder: Equatable, Sendable {
    package enum Failure: Error, Equatable, Sendable {
        case badName(String)
        case notFound(name: String, searched: [String])
        /// It was found, and is not run.
        case notTrusted(path: String, reason: String)
    }

    package let directories: [String]

    package init(directories: [String]) { self.directories = directories.filter { $0.hasPrefix("/") } }

    /// - Parameters:
    ///   - path: the value of `QUARTERMASTER_PLUGIN_PATH`.
    ///   - configured: the configuration's directories.
    ///   - executable: the running program; its directory is searched.
    package init(path: String?, configured: [String] = [], executable: String? = PluginFinder.ownExecutable) {
        let beside = executable.flatMap { text in text.lastIndex(of: "/").map { String(text[..<$0]) } }
        self.init(
            directories: (path ?? "").split(separator: ":").map(String.init) + configured + (beside.map { [$0] } ?? [])
                + ["/usr/libexec/quartermaster"])
    }

    /// With the environment of this process.
    package init(configured: [String] = []) {
        self.init(path: getenv("QUARTERMASTER_PLUGIN_PATH").map { String(cString: $0) }, configured: configured)
    }

    /// The absolute path of `quartermaster-plugin-<name>`: a regular executable file that only root and the user who runs it
    /// may write, in directories, up to the root, that are so too.
    package func find(_ name: String) throws(Failure) -> String {
        guard Self.isName(name) else { throw .badName(name) }
        for directory in directories {
            let path = "\(directory)/\(PluginProtocol.executablePrefix)\(name)"
            var file = stat()
            guard stat(path, &file) == 0 else { continue }
            guard file.st_mode & S_IFMT == S_IFREG else { throw .notTrusted(path: path, reason: "it is no regular file") }
            guard access(path, X_OK) == 0 else { throw .notTrusted(path: path, reason: "it is not executable") }
            try Self.check(file, path, "it")
            guard let real = realpath(path, nil) else { throw .notTrusted(path: path, reason: "its links cannot be followed") }
            defer { free(real) }
            for place in [directory, Self.directory(of: String(cString: real))] { try Self.check(place, path) }
            return path
        }
        throw .notFound(name: name, searched: directories)
    }

    /// 1 to 63 of `a-z`, `0-9` and `-`, a letter or digit first.
    package static func isName(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count) && text.first != "-"
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
    }

    /// `/proc/self/exe`, resolved.
    package static var ownExecutable: String? {
        guard let real = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    private static func directory(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "/"
    }

    /// The directory and all above it: who can rename one of them can put another in its place. In a sticky one only a file's owner can.
    private static func check(_ place: String, _ path: String) throws(Failure) {
        var above = place
        while true {
            var status = stat()
            guard stat(above, &status) == 0 else { throw .notTrusted(path: path, reason: "\(above) cannot be looked at") }
            if above == place || status.st_mode & S_ISVTX == 0 { try check(status, path, "its directory \(above)") }
            if above == "/" { return }
            above = directory(of: above)
        }
    }

    /// Whoever can write it could make us run anything: that may be root and the user we run as, nobody else.
    private static func check(_ status: stat, _ path: String, _ subject: String) throws(Failure) {
        if status.st_mode & S_IWOTH != 0 {
            throw .notTrusted(path: path, reason: "\(subject) can be written by everybody; run chmod o-w on it")
        }
        // The group of root is root's.
        if status.st_mode & S_IWGRP != 0, status.st_gid != 0 {
            throw .notTrusted(path: path, reason: "\(subject) can be written by the group \(status.st_gid); run chmod g-w on it")
        }
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw .notTrusted(path: path, reason: "\(subject) belongs to user \(status.st_uid), neither root nor the user that runs it")
        }
    }
}

extension PluginFinder.Failure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badName(let name): "\"\(name.prefix(100))\" is no plug-in's name: it has 1 to 63 of a-z, 0-9 and -"
        case .notFound(let name, let searched):
            """
            there is no plug-in \(PluginProtocol.executablePrefix)\(name) in \(searched.joined(separator: ", ")); install it there, or name its \
            directory in QUARTERMASTER_PLUGIN_PATH
            """
        case .notTrusted(let path, let reason): "the plug-in \(path) is not run: \(reason)"
        }
    }
}
