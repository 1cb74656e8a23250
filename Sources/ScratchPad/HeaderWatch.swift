import Sealing

/// Whether a pad still has the header that the controller wrote, and whether it still is that pad.
struct HeaderWatch: Sendable {
    /// As signed. Nil where any header is taken for right: commands that look at a pad once.
    var header: [UInt8]?
    /// `in` at the last check.
    private var folder: FolderStamp?
    /// The pad's own directory when its header was right.
    private var root: FolderStamp?
    /// By the monotonic clock.
    private var checkedAt: Duration?

    init(header: [UInt8]?) { self.header = header }

    /// Looks at the header where `in` is another directory than at the last check (the pad was mounted again, or something else is mounted
    /// there), and now and then in any case: whoever can write to the pad's directory can remove or replace it.
    ///
    /// In the directory where the header was right before, it is put back; a directory that has become another one is not touched, and
    /// `.header` is thrown. Returns what was mended.
    mutating func check(
        _ medium: any PadMedium, folder present: FolderStamp?, elapsed: Duration
    ) throws(PadError) -> PadHeaderFault? {
        guard let header else { return nil }
        if let present, let folder, folder.isSameFolder(as: present), let checkedAt, elapsed - checkedAt < PollingRule.fullLookInterval {
            return nil
        }
        let fault = try Self.compare(header, medium)
        let now = try medium.stamp(.root)
        if fault != nil {
            guard let root, let now, root.isSameFolder(as: now) else { throw .header(fault ?? .missing) }
            try Self.put(header, on: medium)
        }
        folder = present
        root = now
        checkedAt = elapsed
        return fault
    }

    /// The next check is made, whatever was seen before.
    mutating func forget() { folder = nil }

    private static func compare(_ header: [UInt8], _ medium: any PadMedium) throws(PadError) -> PadHeaderFault? {
        switch try medium.read(PadHeader.fileName, in: .root, limit: PadHeader.maximumBytes) {
        case nil: .missing
        case .fault(let found): .unsafeFile(found)
        case .content(header): nil
        case .content: .malformed("pad.p7s is not the one that the controller wrote; run quartermaster pad check")
        }
    }

    /// Puts a signed header in its place, whole and forced out.
    static func put(_ signed: [UInt8], on medium: any PadMedium) throws(PadError) {
        let temporary = PadName(known: ".pad.p7s.\(MessageFileName.digits(.random(in: 0 ... .max))).tmp")
        try medium.write(signed, as: temporary, in: .root, durably: true)
        guard try medium.move(temporary, in: .root, to: PadHeader.fileName, in: .root) else { throw .gone(path: "pad.p7s") }
        try medium.synchronize(.root)
    }
}

extension FolderStamp {
    /// The same directory, whatever happened in it.
    func isSameFolder(as other: FolderStamp) -> Bool { device == other.device && inode == other.inode }
}
