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
    private static let maximumText = 256

    package static func parse(_ bytes: UnsafeRawBufferPointer) -> Result<RPMHeader, Fault> {
        // The whole of it is never too little.
        parse(beginning: bytes, of: bytes.count) ?? .success(RPMHeader())
    }

    /// The same of the first bytes of a header of `count` bytes: name and version stand near the beginning, and the names of files, which take
    /// most of it, behind them. Nil where more of it is needed.
    package static func parse(beginning bytes: UnsafeRawBufferPointer, of count: Int) -> Result<RPMHeader, Fault>? {
        guard count >= 8 else { return .failure(Fault(reason: "\(count) bytes, expected 8 at least")) }
        guard bytes.count >= 8 else { return nil }
        let (entries, length) = (Int(word(bytes, 0)), Int(word(bytes, 4)))
        guard entries <= maximumEntries, length <= maximumData, 8 + entries * 16 + length <= count else {
            return .failure(Fault(reason: "\(entries) entries and \(length) bytes of data do not fit in \(count) bytes"))
        }
        guard 8 + entries * 16 <= bytes.count else { return nil }
        let data = UnsafeRawBufferPointer(rebasing: bytes[(8 + entries * 16)...].prefix(length))
        var texts: [UInt32: String] = [:]
        var epoch: UInt32?
        for entry in 0..<entries {
            let (tag, type) = (word(bytes, 8 + entry * 16), word(bytes, 12 + entry * 16))
            let (offset, count) = (Int(word(bytes, 16 + entry * 16)), word(bytes, 20 + entry * 16))
            guard offset <= length else { continue }
            switch (tag, type) {
            // The first of a tag counts: RPM writes each once.
            case (name, string), (version, string), (release, string):
                if texts[tag] != nil { continue }
                guard offset + maximumText <= data.count || data.count == length else { return nil }
                texts[tag] = FactText.valid(UnsafeRawBufferPointer(rebasing: data[offset...].prefix(maximumText).prefix { $0 != 0 }))
            case (RPMHeader.epoch, int32) where count == 1 && offset + 4 <= length:
                guard offset + 4 <= data.count else { return nil }
                epoch = word(data, offset)
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
