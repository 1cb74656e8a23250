import Files
import Glibc
import ISCSI

/// Addresses that a discovery asks where nobody names any: portals, or iSNS servers. A file beside the agent's configuration without a secret
/// in it, which everybody may read (mode 0644), replaced whole or not at all.
///
/// A line is blank, a comment (`#`), or one address as `PortalAddress` reads it. Comments stay where they are when addresses come and go.
package struct AddressList: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case portals
        case servers

        package var fileName: String {
            switch self {
            case .portals: "iscsi-portals"
            case .servers: "iscsi-isns-servers"
            }
        }

        package var defaultPort: UInt16 {
            switch self {
            case .portals: ISCSIPort.target
            case .servers: ISCSIPort.isns
            }
        }
    }

    /// More than anybody has portals; all of them are asked at once.
    package static let maximumCount = 1024
    static let maximumBytes = 256 << 10

    package let kind: Kind
    package let path: String

    /// `directory` is where the agent's configuration is.
    package init(_ kind: Kind, in directory: String) {
        self.kind = kind
        path = "\(directory)/\(kind.fileName)"
    }

    /// In the file's order, each once; none where there is no file.
    ///
    /// Throws `.outcome(.initiatorMisconfigured)` for a line that is none, with its number.
    package func addresses() throws(SetupError) -> [PortalAddress] {
        var seen: Set<PortalAddress> = []
        return try lines().compactMap(\.address).filter { seen.insert($0).inserted }
    }

    /// Which of these were not there before. They come at the end, in their order.
    package func add(_ addresses: [PortalAddress]) throws(SetupError) -> [PortalAddress] {
        try change { lines throws(SetupError) in
            var known = Set(lines.compactMap(\.address))
            let new = addresses.filter { known.insert($0).inserted }
            guard known.count <= Self.maximumCount else {
                throw .outcome(
                    .invalidParameter, detail: "\(path) would have \(known.count) addresses; at most \(Self.maximumCount) are kept")
            }
            lines += new.map { Line(text: Array($0.description.utf8), address: $0) }
            return new
        }
    }

    /// Which of these were there before.
    package func remove(_ addresses: [PortalAddress]) throws(SetupError) -> [PortalAddress] {
        try change { lines throws(SetupError) in
            let known = Set(lines.compactMap(\.address))
            lines.removeAll { line in line.address.map(addresses.contains) ?? false }
            var gone: Set<PortalAddress> = []
            return addresses.filter { known.contains($0) && gone.insert($0).inserted }
        }
    }

    private struct Line {
        var text: [UInt8]
        /// Nil of a comment, or a blank line.
        var address: PortalAddress?
    }

    private func lines() throws(SetupError) -> [Line] {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try readFile(path, limit: Self.maximumBytes) } catch {
            if error.errno == ENOENT { return [] }
            throw .file(error)
        }
        var pieces = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if pieces.last?.isEmpty == true { pieces.removeLast() }
        var lines: [Line] = []
        for (index, piece) in pieces.enumerated() {
            let text = RecordText.trimmed(piece)
            guard let first = text.first, first != UInt8(ascii: "#") else {
                lines.append(Line(text: Array(piece)))
                continue
            }
            guard let address = String(validating: text, as: UTF8.self).flatMap({ PortalAddress($0, defaultPort: kind.defaultPort) }) else {
                throw .outcome(
                    .initiatorMisconfigured,
                    detail:
                        "\(path), line \(index + 1): expected a name, an IPv4 or an [IPv6] address, with :port or without; correct or remove it"
                )
            }
            lines.append(Line(text: Array(piece), address: address))
        }
        guard Set(lines.compactMap(\.address)).count <= Self.maximumCount else {
            throw .outcome(.initiatorMisconfigured, detail: "\(path) has more than \(Self.maximumCount) addresses; remove some")
        }
        return lines
    }

    /// One at a time: the directory is locked while the list is read, changed and written. Nothing is written where nothing changed.
    private func change(
        _ body: (inout [Line]) throws(SetupError) -> [PortalAddress]
    ) throws(SetupError) -> [PortalAddress] {
        let parent = String(path.dropLast(kind.fileName.utf8.count + 1))
        let folder: FileDescriptor
        do throws(FileError) {
            try makeDirectories(parent, mode: 0o755)
            folder = try FileDescriptor(directory: parent)
        } catch {
            throw .file(error)
        }
        let end = ContinuousClock().now + .seconds(10)
        while flock(folder.number, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw .file(.system(operation: "lock", path: parent, errno: errno)) }
            guard ContinuousClock().now < end else { throw .busy(path: parent) }
            pause(.milliseconds(10))
        }
        var lines = try lines()
        let changed = try body(&lines)
        guard !changed.isEmpty else { return [] }
        do throws(FileError) {
            try folder.replace(kind.fileName, with: lines.flatMap { $0.text + [UInt8(ascii: "\n")] }, mode: 0o644)
        } catch {
            throw .file(error)
        }
        return changed
    }
}
