/// RPM's database in RPM's own format ("ndb": SLES 15, openSUSE), one file `Packages.db`. All words are little-endian (rpm's
/// lib/backend/ndb/rpmpkg.c):
///
/// - 32 bytes in the place of the first two slots: `RpmP`, version 0, generation (one more with each change), count of pages of slots;
/// - pages of 4,096 bytes with slots of 16: `Slot`, the package's number, its first block (0 where the slot is free), count of blocks;
/// - from then on blocks of 16 bytes. A package's begin with `BlbS`, its number, a time, the length of the header, and the header
///   (``RPMHeader``); zeros and 12 bytes (a sum, the length again, `BlbE`) follow, which nobody needs who only reads.
///
/// RPM takes a lock to write, which a reader of another user cannot take part in: where the generation is another afterwards, all is read once more.
package struct RPMSlotFile {
    /// In bytes.
    let size: Int64
    /// Fills the buffer from an offset on, and says how many bytes there were.
    let read: (_ offset: Int64, _ buffer: UnsafeMutableRawBufferPointer) -> Result<Int, RPMHeader.Fault>

    private static let pageSize = 4096
    private static let blockSize: Int64 = 16
    /// 262,144 packages.
    private static let maximumPages = 1024
    /// Most headers say in as much what they are called; the names of files follow.
    private static let beginning = 4096
    private static let maximumHeader = 64 << 20
    /// Of headers that are read whole, together.
    private static let maximumWhole = 256 << 20
    private static let attempts = 3

    package init(size: Int64, read: @escaping (Int64, UnsafeMutableRawBufferPointer) -> Result<Int, RPMHeader.Fault>) {
        self.size = size
        self.read = read
    }

    private struct Slot {
        let number: UInt32
        /// Bytes.
        let offset: Int64
        let length: Int64
    }

    /// The headers of all packages, in the file's order, and the first fault: a package that cannot be read hides no other.
    package func headers() -> (headers: [RPMHeader], fault: RPMHeader.Fault?) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pageSize, alignment: 16)
        defer { buffer.deallocate() }
        for attempt in 1...Self.attempts {
            let before: (generation: UInt32, pages: Int)
            do throws(RPMHeader.Fault) { before = try head(buffer) } catch { return ([], error) }
            let found = headers(pages: before.pages, buffer)
            // Nothing can be said of a file that ends meanwhile but what was found.
            if attempt == Self.attempts { return found }
            do throws(RPMHeader.Fault) {
                if try head(buffer).generation == before.generation { return found }
            } catch {
                return found
            }
        }
        return ([], nil)
    }

    private func head(_ buffer: UnsafeMutableRawBufferPointer) throws(RPMHeader.Fault) -> (generation: UInt32, pages: Int) {
        let head = UnsafeMutableRawBufferPointer(rebasing: buffer[..<32])
        try fill(head, from: 0)
        guard word(head, 0) == Self.fileMark, word(head, 4) == 0 else {
            throw RPMHeader.Fault(
                reason: "it begins with \(FactText.excerpt(UnsafeRawBufferPointer(rebasing: head[..<8]))), expected \"RpmP\" and version 0")
        }
        let pages = Int(word(head, 12))
        guard (1...Self.maximumPages).contains(pages), Int64(pages * Self.pageSize) <= size else {
            throw RPMHeader.Fault(reason: "\(pages) pages of slots in \(size) bytes, expected 1 to \(Self.maximumPages)")
        }
        return (word(head, 8), pages)
    }

    private func headers(pages: Int, _ buffer: UnsafeMutableRawBufferPointer) -> (headers: [RPMHeader], fault: RPMHeader.Fault?) {
        var slots: [Slot] = []
        var fault: RPMHeader.Fault?
        for page in 0..<pages {
            do throws(RPMHeader.Fault) {
                try fill(buffer, from: Int64(page * Self.pageSize))
                for place in stride(from: page == 0 ? 32 : 0, to: Self.pageSize, by: 16) {
                    guard word(buffer, place) == Self.slotMark else {
                        throw RPMHeader.Fault(reason: "byte \(page * Self.pageSize + place) begins no slot")
                    }
                    let first = Int64(word(buffer, place + 8))
                    if first == 0 { continue }
                    slots.append(
                        Slot(
                            number: word(buffer, place + 4), offset: first * Self.blockSize,
                            length: Int64(word(buffer, place + 12)) * Self.blockSize))
                }
            } catch {
                fault = fault ?? error
            }
        }
        // No block is two packages': what all slots of a stranger's file point at is read once.
        slots.sort { $0.offset < $1.offset }
        var headers: [RPMHeader] = []
        var remaining = Self.maximumWhole
        var last: Int64 = 0
        for slot in slots {
            if slot.offset == last {
                fault = fault ?? RPMHeader.Fault(reason: "package \(slot.number): byte \(slot.offset) belongs to another")
                continue
            }
            last = slot.offset
            do throws(RPMHeader.Fault) { headers.append(try header(of: slot, buffer, &remaining)) } catch { fault = fault ?? error }
        }
        return (headers, fault)
    }

    private func header(
        of slot: Slot, _ buffer: UnsafeMutableRawBufferPointer, _ remaining: inout Int
    ) throws(RPMHeader.Fault) -> RPMHeader {
        let package = "package \(slot.number)"
        // Both factors are of 32 bits: no sum overflows.
        guard slot.length >= 16, slot.offset + slot.length <= size else {
            throw RPMHeader.Fault(reason: "\(package): \(slot.length) bytes from \(slot.offset) on, of \(size)")
        }
        let first = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, Int(slot.length))])
        try fill(first, from: slot.offset)
        guard word(first, 0) == Self.packageMark, word(first, 4) == slot.number else {
            throw RPMHeader.Fault(reason: "\(package): another begins at byte \(slot.offset)")
        }
        let length = Int(word(first, 12))
        guard length <= Self.maximumHeader, Int64(length) + 16 <= slot.length else {
            throw RPMHeader.Fault(reason: "\(package): a header of \(length) bytes in \(slot.length)")
        }
        let beginning = UnsafeRawBufferPointer(rebasing: first[16...].prefix(length))
        if let header = RPMHeader.parse(beginning: beginning, of: length) { return try of(package, header) }
        guard length <= remaining else { throw RPMHeader.Fault(reason: "\(package): too much to read") }
        remaining -= length
        let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 16)
        defer { whole.deallocate() }
        try fill(whole, from: slot.offset + 16)
        return try of(package, RPMHeader.parse(UnsafeRawBufferPointer(whole)))
    }

    private func of(_ package: String, _ header: Result<RPMHeader, RPMHeader.Fault>) throws(RPMHeader.Fault) -> RPMHeader {
        switch header {
        case .success(let header): return header
        case .failure(let fault): throw RPMHeader.Fault(reason: "the header of \(package): \(fault.reason)")
        }
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int64) throws(RPMHeader.Fault) {
        switch read(offset, buffer) {
        case .success(let count) where count == buffer.count: return
        case .success(let count):
            throw RPMHeader.Fault(reason: "it ends \(buffer.count - count) bytes too early, at \(offset + Int64(count))")
        case .failure(let fault): throw fault
        }
    }

    /// `RpmP`, `Slot`, `BlbS`.
    private static let (fileMark, slotMark, packageMark): (UInt32, UInt32, UInt32) = (0x506D_7052, 0x746F_6C53, 0x5362_6C42)

    private func word(_ bytes: UnsafeMutableRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
