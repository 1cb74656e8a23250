/// Cuts a stream of bytes into lines, none longer than its limit.
///
/// A carriage return before the newline is dropped, and empty lines are skipped. After `.overlong` the rest of that line is thrown away.
package struct LineFramer: Sendable {
    package enum Piece: Equatable, Sendable {
        case line([UInt8])
        /// A line longer than the limit; given once, as soon as it is known.
        case overlong
    }

    package let limit: Int
    private var partial: [UInt8] = []
    private var isDiscarding = false

    package init(limit: Int = PluginProtocol.maximumLineBytes) { self.limit = limit }

    /// Bytes held back because their line has no end yet.
    package var pendingBytes: Int { partial.count }

    package mutating func append(_ bytes: some Collection<UInt8>) -> [Piece] {
        var pieces: [Piece] = []
        var rest = bytes[...]
        while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
            take(rest[..<newline], into: &pieces)
            rest = rest[rest.index(after: newline)...]
            if !isDiscarding { finish(into: &pieces) }
            isDiscarding = false
        }
        take(rest, into: &pieces)
        return pieces
    }

    private mutating func take(_ bytes: some Collection<UInt8>, into pieces: inout [Piece]) {
        guard !isDiscarding else { return }
        if partial.count + bytes.count > limit + 1 {
            partial = []
            isDiscarding = true
            pieces.append(.overlong)
        } else {
            partial.append(contentsOf: bytes)
        }
    }

    private mutating func finish(into pieces: inout [Piece]) {
        var line = partial
        partial = []
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        if line.count > limit {
            pieces.append(.overlong)
        } else if !line.isEmpty {
            pieces.append(.line(line))
        }
    }
}
