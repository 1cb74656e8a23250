/// A package's header as RPM's database holds it (rpm's docs/manual/format_header.md, without the magic number): big-endian counts of index
/// entries and of bytes of data, entries of 16 bytes (tag, type, offset, count), the data.
package struct RPMHeader: Equatable, Sendable {
    package var name: String?
    /// `EPOCH:VERSION-RELEASE`, without what is not there.
    package var version: String?

    package init(name: String? = nil, version: String? = nil) {
        self.name = name
        self.version = version
    }

    package struct Fault: Error, Equatable, Sendable {
        package let reason: String
    }

    private static let maximumEntries = 65_535
    private static let maximumData = 256 << 20

    package static func parse(_ bytes: UnsafeRawBufferPointer) -> Result<RPMHeader, Fault> {
        guard bytes.count >= 8 else { return .failure(Fault(reason: "\(bytes.count) bytes, expected 8 at least")) }
        let (entries, length) = (Int(word(bytes, 0)), Int(word(bytes, 4)))
        guard entries <= maximumEntries, length <= maximumData, 8 + entries * 16 + length <= bytes.count else {
            return .failure(Fault(reason: "\(entries) entries and \(length) bytes of data do not fit in \(bytes.count) bytes"))
        }
        let data = UnsafeRawBufferPointer(rebasing: bytes[(8 + entries * 16)...].prefix(length))
        var texts: [UInt32: String] = [:]
        var epoch: UInt32?
        for entry in 0..<entries {
            let (tag, type) = (word(bytes, 8 + entry * 16), word(bytes, 12 + entry * 16))
            let (offset, count) = (Int(word(bytes, 16 + entry * 16)), word(bytes, 20 + entry * 16))
            guard offset <= data.count else { continue }
            switch (tag, type) {
            case (name, string), (version, string), (release, string):
                let text = UnsafeRawBufferPointer(rebasing: data[offset...].prefix(256).prefix { $0 != 0 })
                texts[tag] = FactText.valid(text)
            case (RPMHeader.epoch, int32) where count == 1 && offset + 4 <= data.count: epoch = word(data, offset)
            default: break
            }
        }
        var full = texts[version]
        if let base = full, let release = texts[release] { full = "\(base)-\(release)" }
        if let base = full, let epoch { full = "\(epoch):\(base)" }
        return .success(RPMHeader(name: texts[name], version: full))
    }

    // rpmtag.h
    private static let (name, version, release, epoch): (UInt32, UInt32, UInt32, UInt32) = (1000, 1001, 1002, 1003)
    private static let (int32, string): (UInt32, UInt32) = (4, 6)

    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
