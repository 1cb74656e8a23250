/// Where the kernel has put a SCSI device: host, channel, target and logical unit, `6:0:0:1`.
package struct SCSIAddress: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let host: UInt32
    package let channel: UInt32
    package let target: UInt32
    package let lun: UInt64

    package init(host: UInt32, channel: UInt32, target: UInt32, lun: UInt64) {
        self.host = host
        self.channel = channel
        self.target = target
        self.lun = lun
    }

    /// Four decimal numbers and three colons, nothing else.
    package init?(_ text: some StringProtocol) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 4, let host = decimal(parts[0]), let channel = decimal(parts[1]), let target = decimal(parts[2]),
            let lun = decimal(parts[3]), let host = UInt32(exactly: host), let channel = UInt32(exactly: channel),
            let target = UInt32(exactly: target)
        else { return nil }
        self.init(host: host, channel: channel, target: target, lun: lun)
    }

    package var description: String { colonSeparated(UInt64(host), UInt64(channel), UInt64(target), lun) }

    package static func < (left: Self, right: Self) -> Bool {
        (left.host, left.channel, left.target, left.lun) < (right.host, right.channel, right.target, right.lun)
    }
}
