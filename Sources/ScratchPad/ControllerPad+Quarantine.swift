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
    /// that is kept, is removed. False where it was gone.
    package mutating func quarantine(
        _ file: CollectedFile, now: Timestamp, limits: QuarantineLimits = QuarantineLimits()
    ) throws(PadError) -> Bool {
        let size: Int64 =
            switch file.content {
            case .content(let bytes): Int64(bytes.count)
            case .fault(.tooLarge(let bytes, _)): bytes
            case .fault: 0
            }
        guard size <= limits.bytes else { return try medium.remove(file.name, in: .incoming) }
        let kept = QuarantinedFile(at: now, bytes: size)
        do throws(PadError) {
            guard try medium.move(file.name, in: .incoming, to: kept.name, in: .quarantine) else { return false }
        } catch {
            try medium.make(.quarantine)
            guard try medium.move(file.name, in: .incoming, to: kept.name, in: .quarantine) else { return false }
        }
        try trim(limits)
        return true
    }

    /// The names in quarantine and their sizes, the oldest first.
    package func quarantined() throws(PadError) -> [QuarantinedFile] {
        try medium.names(in: .quarantine, limit: Self.maximumNames).compactMap { QuarantinedFile($0) }.sorted { $0.name < $1.name }
    }

    private func trim(_ limits: QuarantineLimits) throws(PadError) {
        var kept: [QuarantinedFile] = []
        for name in try medium.names(in: .quarantine, limit: Self.maximumNames) {
            if let file = QuarantinedFile(name) {
                kept.append(file)
            } else {
                // The folder is the controller's alone: what else is in it was planted.
                _ = try medium.remove(name, in: .quarantine)
            }
        }
        kept.sort { $0.name < $1.name }
        var bytes = kept.reduce(0) { $0 + $1.bytes }
        var count = kept.count
        for file in kept where count > limits.files || bytes > limits.bytes {
            _ = try medium.remove(file.name, in: .quarantine)
            count -= 1
            bytes -= file.bytes
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
