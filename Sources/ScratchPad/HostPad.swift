import Files
import Glibc
import Identifiers
import Sealing

/// A pad as a host sees it: the header, and files that come and go. Blocks as long as the storage does.
package struct HostPad: Sendable {
    package let medium: any PadMedium
    package let verified: VerifiedHeader

    package var header: PadHeader { verified.header }

    /// Reads and judges the header. `known` is what was remembered of this pad before.
    package static func open(
        _ medium: any PadMedium, trust: PadTrust, known: KnownPad?, now: Timestamp
    ) throws(PadError) -> HostPad {
        let bytes: [UInt8]
        switch try medium.read(PadHeader.fileName, in: .root, limit: PadHeader.maximumBytes) {
        case nil: throw .header(.missing)
        case .fault(let fault): throw .header(.unsafeFile(fault))
        case .content(let content): bytes = content
        }
        do throws(PadHeaderFault) {
            return HostPad(medium: medium, verified: try VerifiedHeader(bytes, trust: trust, known: known, now: now))
        } catch {
            throw .header(error)
        }
    }

    /// Writes a message so that it is there whole or not at all, and still there after a crash. Where the file system could not force it out,
    /// what was written counts as lost, and it is written again under another name. Returns the name.
    package func publish(_ sealed: [UInt8], sender: Fingerprint, sequence: Int64) throws(PadError) -> MessageFileName {
        var failure = FileError.system(operation: "publish", path: "in", errno: 5)
        for _ in 0..<3 {
            let name = MessageFileName(sender: sender, sequence: sequence)
            do throws(PadError) {
                try medium.write(sealed, as: name.temporary, in: .incoming, durably: true)
                guard try medium.move(name.temporary, in: .incoming, to: name.name, in: .incoming) else {
                    // Somebody took it away.
                    continue
                }
                try medium.synchronize(.incoming)
                return name
            } catch .file(let error) {
                failure = error
                discard(name)
                if !error.isWorthAnotherName { break }
            }
        }
        throw .notPublished(failure)
    }

    /// Whether a message that was published still waits.
    package func isWaiting(_ name: MessageFileName) throws(PadError) -> Bool {
        // Whatever is in it counts as too much, and none of it is read.
        try medium.read(name.name, in: .incoming, limit: 0) != nil
    }

    /// Takes back a message that waits; false where it is gone.
    package func withdraw(_ name: MessageFileName) throws(PadError) -> Bool { try medium.remove(name.name, in: .incoming) }

    /// Removes what this host left half written. Call it when no publishing is under way. Lists all that waits on the pad.
    package func clean(sender: Fingerprint) throws(PadError) {
        let prefix = ".\(Lane(of: sender)).".utf8
        for name in try medium.names(in: .incoming, limit: 100_000) {
            if name.bytes.starts(with: prefix), name.bytes.suffix(4).elementsEqual(".tmp".utf8) {
                _ = try medium.remove(name, in: .incoming)
            }
        }
    }

    /// When replies may have changed; nil where no reply ever came.
    package func repliesStamp(for key: Fingerprint) throws(PadError) -> FolderStamp? { try medium.stamp(.replies(key)) }

    /// Replies and instructions are small; a larger file is none.
    package static let maximumReplyBytes = 1 << 20

    /// The files for a key in the order of their names, without those already handled; at most `limit`, and some 16 MiB.
    package func replies(
        for key: Fingerprint, except handled: Set<PadName> = [], limit: Int = 256
    ) throws(PadError) -> [CollectedFile] {
        let names = try medium.names(in: .replies(key), limit: 100_000)
            .filter { !$0.isHidden && !handled.contains($0) }.sorted().prefix(limit)
        var files: [CollectedFile] = []
        var bytes = 0
        for name in names where bytes < 16 << 20 {
            guard let content = try medium.read(name, in: .replies(key), limit: Self.maximumReplyBytes) else { continue }
            if case .content(let read) = content { bytes += read.count }
            files.append(CollectedFile(name: name, content: content))
        }
        return files
    }

    /// Removes what was not forced out. A failure here changes nothing: the name is never used again, the controller takes a message once
    /// however many copies there are, and `clean` comes again.
    private func discard(_ name: MessageFileName) {
        for name in [name.temporary, name.name] {
            do throws(PadError) { _ = try medium.remove(name, in: .incoming) } catch {}
        }
    }
}

extension FileError {
    /// Errors of one file, not of the whole pad: full, read-only and forbidden stay so under every name.
    fileprivate var isWorthAnotherName: Bool {
        switch errno {
        case EIO, EEXIST, ESTALE, ENOENT: true
        default: false
        }
    }
}

/// A file that was found on a pad.
package struct CollectedFile: Equatable, Sendable {
    package let name: PadName
    package let content: PadFile

    package init(name: PadName, content: PadFile) {
        self.name = name
        self.content = content
    }

    /// The bytes, of a file that could be read.
    package var bytes: [UInt8]? { if case .content(let bytes) = content { bytes } else { nil } }
}
