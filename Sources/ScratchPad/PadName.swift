/// The name of one file of a pad, as the file system has it: any bytes but zero and the slash. Hosts choose names, so nothing is believed.
package struct PadName: Hashable, Sendable, Comparable {
    package let bytes: [UInt8]

    /// Nil for what cannot be one name.
    package init?(bytes: [UInt8]) {
        guard (1...255).contains(bytes.count), !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")),
            bytes != [UInt8(ascii: ".")], bytes != [UInt8(ascii: "."), UInt8(ascii: ".")]
        else { return nil }
        self.bytes = bytes
    }

    package init?(_ text: String) { self.init(bytes: Array(text.utf8)) }

    /// For names that this program makes.
    init(known text: String) { bytes = Array(text.utf8) }

    package static func < (left: Self, right: Self) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    var isHidden: Bool { bytes.first == UInt8(ascii: ".") }

    /// Calls `body` with the name as C has it.
    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("an array with a zero at its end has a base") }
            return body(base)
        }
    }
}

extension PadName: CustomStringConvertible {
    /// Printable ASCII as it is; every other byte and the backslash as `\xNN`: safe in a log and on a terminal.
    package var description: String {
        var text = ""
        for byte in bytes {
            if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "\\") {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return text
    }
}
