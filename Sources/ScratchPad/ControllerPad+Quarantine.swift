import Identifiers

extension ControllerPad {
    /// How much of what was malformed is kept.
    package struct QuarantineLimits: Equatable, Sendable {
        package var files: Int
        package var bytes: Int64

        package init(files: Int = 256, bytes: Int64 = 64 << 20) {
            self.files = files
            self.bytes = bytes
        }
    }

    /// Moves a file out of `in/` so that it is never read again. The oldest go first where there are too many; what alone is larger than all
    /// that is kept, is removed. What cannot be moved is hidden where it is, and where that fails too, it is left alone from here on: an
    /// error is thrown then, once. False where it was gone. Who moves many has the room made once, by `trim`.
    package mutating func quarantine(
        _ file: CollectedFile, now: Timestamp, limits: QuarantineLimits = QuarantineLimits(), trims: Bool = true
    ) throws(PadError) -> Bool {
        let size: Int64 =
            switch file.content {
            case .content(let bytes): Int64(bytes.count)
            case .fault(.tooLarge(let bytes, _)): bytes
            case .fault: 0
            }
        do throws(PadError) {
            guard size <= limits.bytes else { return try medium.remove(file.name, in: .incoming) }
            guard try setAside(file.name, as: QuarantinedFile(at: now, bytes: size).name) else { return false }
        } catch {
            leaveAlone(file.name, error)
            throw error
        }
        if trims { try trim(limits) }
        return true
    }

    private func setAside(_ name: PadName, as kept: PadName) throws(PadError) -> Bool {
        do throws(PadError) { return try medium.move(name, in: .incoming, to: kept, in: .quarantine) } catch {}
        do throws(PadError) {
            try medium.make(.quarantine)
            return try medium.move(name, in: .incoming, to: kept, in: .quarantine)
        } catch {
            // A directory of another user moves to no other parent (rename(2): its `..` is written), but within its own.
            let hidden = PadName(known: ".\(kept).tmp")
            guard try medium.move(name, in: .incoming, to: hidden, in: .incoming) else { return false }
            return true
        }
    }

    /// The names in quarantine and their sizes, the oldest first.
    package func quarantined() throws(PadError) -> [QuarantinedFile] {
        try medium.names(in: .quarantine, limit: Self.maximumNames).compactMap { QuarantinedFile($0) }.sorted { $0.name < $1.name }
    }

    /// Removes the oldest of what is more than is kept.
    package func trim(_ limits: QuarantineLimits = QuarantineLimits()) throws(PadError) {
        var kept: [QuarantinedFile] = []
        for name in try medium.names(in: .quarantine, limit: Self.maximumNames) {
            if let file = QuarantinedFile(name) {
                kept.append(file)
            } else {
                // The folder is the controller's alone: what else is in it was planted. What cannot be removed now is tried again.
                do throws(PadError) { _ = try medium.remove(name, in: .quarantine) } catch {}
            }
        }
        kept.sort { $0.name < $1.name }
        var bytes = kept.reduce(0) { $0 + $1.bytes }
        var count = kept.count
        for file in kept where count > limits.files || bytes > limits.bytes {
            // What cannot be removed now is tried again at the next time; the next oldest goes in its place.
            do throws(PadError) {
                _ = try medium.remove(file.name, in: .quarantine)
                count -= 1
                bytes -= file.bytes
            } catch {}
        }
    }

    static let maximumNames = 100_000
}

/// A file in `bad/`: `TIME.SIZE.RANDOM.bad`, each of 16 hexadecimal digits; the time in microseconds.
package struct QuarantinedFile: Equatable, Sendable {
    package let name: PadName
    package let at: Timestamp
    package let bytes: Int64

    init(at: Timestamp, bytes: Int64) {
        self.at = at
        self.bytes = bytes
        let parts = [UInt64(max(0, at.microseconds)), UInt64(bytes), .random(in: 0 ... .max)]
        name = PadName(known: parts.map(MessageFileName.digits).joined(separator: ".") + ".bad")
    }

    init?(_ name: PadName) {
        let parts = String(decoding: name.bytes, as: UTF8.self).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[3] == "bad", parts.prefix(3).allSatisfy({ $0.utf8.count == 16 }),
            let at = Int64(parts[0], radix: 16), let bytes = Int64(parts[1], radix: 16), at >= 0, (0...(1 << 50)).contains(bytes)
        else { return nil }
        self.name = name
        self.at = Timestamp(microseconds: at)
        self.bytes = bytes
    }
}
