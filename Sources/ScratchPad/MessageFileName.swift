import Identifiers

/// How a host names its files in `in/`: `LANE.SEQUENCE.RANDOM.p7m`.
///
/// LANE is the first 16 hexadecimal digits of the sender's fingerprint, SEQUENCE the message's number in 16 hexadecimal digits (so that names
/// sort in the order of sending), RANDOM 16 hexadecimal digits. While it is written, a file is called `.NAME.tmp`. A name is never used
/// again. The lane is only a claim: it shares work out fairly, and nothing is believed because of it.
package struct MessageFileName: Hashable, Sendable {
    package let lane: Lane
    package let sequence: Int64
    let random: UInt64

    package init(sender: Fingerprint, sequence: Int64, random: UInt64 = .random(in: 0 ... .max)) {
        lane = Lane(of: sender)
        self.sequence = sequence
        self.random = random
    }

    /// Nil for every other form.
    package init?(_ name: PadName) {
        let parts = name.bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4, parts[3].elementsEqual("p7m".utf8), let lane = Self.number(parts[0]),
            let sequence = Self.number(parts[1]), let random = Self.number(parts[2]), sequence <= UInt64(Int64.max)
        else { return nil }
        self.lane = Lane(digits: lane)
        self.sequence = Int64(sequence)
        self.random = random
    }

    package var name: PadName { PadName(known: "\(lane).\(Self.digits(UInt64(sequence))).\(Self.digits(random)).p7m") }
    package var temporary: PadName { PadName(known: ".\(lane).\(Self.digits(UInt64(sequence))).\(Self.digits(random)).p7m.tmp") }

    static func digits(_ number: UInt64) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard digits.count == 16 else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return value
    }
}

/// Whose file a name claims to be: the beginning of a fingerprint.
package struct Lane: Hashable, Sendable, Comparable, CustomStringConvertible {
    let digits: UInt64

    init(digits: UInt64) { self.digits = digits }

    package init(of fingerprint: Fingerprint) { digits = fingerprint.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    /// The fingerprint's first eight bytes.
    package var bytes: [UInt8] { withUnsafeBytes(of: digits.bigEndian) { Array($0) } }

    package static func < (left: Self, right: Self) -> Bool { left.digits < right.digits }

    package var description: String { MessageFileName.digits(digits) }
}
