/// A device's major and minor number, as sysfs's `dev` and mountinfo's third field have it: `8:0`.
package struct DeviceNumber: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let major: UInt32
    package let minor: UInt32

    package init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// Two decimal numbers and a colon, nothing else.
    package init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2, let major = decimal(parts[0]), let minor = decimal(parts[1]),
            let major = UInt32(exactly: major), let minor = UInt32(exactly: minor)
        else { return nil }
        self.init(major: major, minor: minor)
    }

    package var description: String { colonSeparated(UInt64(major), UInt64(minor)) }

    package static func < (left: Self, right: Self) -> Bool { (left.major, left.minor) < (right.major, right.minor) }
}

/// One to nineteen ASCII digits.
func decimal(_ digits: some Collection<UInt8>) -> UInt64? {
    guard (1...19).contains(digits.count) else { return nil }
    var value: UInt64 = 0
    for digit in digits {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        value = value * 10 + UInt64(digit - UInt8(ascii: "0"))
    }
    return value
}

/// Decimal numbers with colons between them. Written out: a host has tens of thousands of these.
func colonSeparated(_ numbers: UInt64...) -> String {
    String(unsafeUninitializedCapacity: numbers.count * 21) { text in
        var count = 0
        for number in numbers {
            if count > 0 {
                text[count] = UInt8(ascii: ":")
                count += 1
            }
            let start = count
            var rest = number
            repeat {
                text[count] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
                count += 1
            } while rest > 0
            text[start..<count].reverse()
        }
        return count
    }
}
