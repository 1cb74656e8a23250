import Inventory

/// One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)):
///
///     36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
///     id parent device root mountPoint options [optional…] - type source superOptions
///
/// Spaces, tabs, newlines, backslashes and hashes in names are written as a backslash and three octal digits.
package struct Mount: Equatable {
    /// Nil where it was read from `/proc/mounts`, which has none.
    package var deviceNumber: DeviceNumber?
    /// What part of the file system is mounted; `/` is all of it.
    package var root: String
    package var mountPoint: String
    package var type: String
    package var source: String
    package var readOnly: Bool
    /// Of an overlay: where what is written goes, or the topmost of the layers below where nothing can be.
    package var upperDirectory: String?
}

/// A table of mounts, line by line: those of a host with many containers have megabytes.
package struct MountTable {
    static let maximumMounts = 100_000
    private static let maximumMalformed = 100

    /// In the table's order.
    package private(set) var mounts: [Mount] = []
    /// The numbers of lines that are no mounts, from 1, the first hundred.
    package private(set) var malformedLines: [Int] = []
    /// Mounts beyond the limit, which are not told.
    package private(set) var omitted = 0
    private var number = 0
    private let format: Format

    package enum Format: Sendable {
        case mountinfo
        /// `/proc/mounts` (fstab(5)): `source mountPoint type options 0 0`.
        case fstab
    }

    package init(_ format: Format) { self.format = format }

    /// The next line, without its newline.
    package mutating func add(_ line: UnsafeRawBufferPointer) {
        number += 1
        if line.isEmpty { return }
        if mounts.count >= Self.maximumMounts {
            omitted += 1
        } else if let mount = format == .mountinfo ? Self.mount(mountinfo: line) : Self.mount(fstab: line) {
            mounts.append(mount)
        } else if malformedLines.count < Self.maximumMalformed {
            malformedLines.append(number)
        }
    }

    /// A whole table.
    package init(_ format: Format, _ bytes: UnsafeRawBufferPointer) {
        self.init(format)
        for line in Lines(bytes) { add(line) }
    }

    private static func mount(mountinfo line: UnsafeRawBufferPointer) -> Mount? {
        var fields = Fields(line)
        guard let id = fields.next(), FactText.decimal(id) != nil, let parent = fields.next(), FactText.decimal(parent) != nil,
            let device = fields.next(), let deviceNumber = deviceNumber(device),
            let root = fields.next(), let mountPoint = fields.next(), let options = fields.next()
        else { return nil }
        while true {
            guard let optional = fields.next() else { return nil }
            if FactText.equal(optional, "-") { break }
        }
        // Whoever mounts may leave the source empty: two spaces stand there then.
        guard let type = fields.next(), let source = fields.nextOrEmpty(), let path = unescaped(mountPoint), path.hasPrefix("/"),
            let rootPath = unescaped(root), let typeName = unescaped(type), let sourceName = sourceName(source)
        else { return nil }
        let superOptions = fields.next()
        let upper = typeName == "overlay" ? superOptions.flatMap(upperDirectory) : nil
        return Mount(
            deviceNumber: deviceNumber, root: rootPath, mountPoint: path, type: typeName, source: sourceName,
            readOnly: hasReadOnly(options) || superOptions.map(hasReadOnly) ?? false, upperDirectory: upper)
    }

    private static func mount(fstab line: UnsafeRawBufferPointer) -> Mount? {
        var fields = Fields(line)
        // An empty one leaves the space behind it.
        let source = line.first == 0x20 ? UnsafeRawBufferPointer(rebasing: line[..<0]) : fields.next()
        guard let source, let mountPoint = fields.next(), let type = fields.next(), let options = fields.next(),
            let sourceName = sourceName(source), let path = unescaped(mountPoint), path.hasPrefix("/"), let typeName = unescaped(type)
        else { return nil }
        return Mount(
            deviceNumber: nil, root: "/", mountPoint: path, type: typeName, source: sourceName, readOnly: hasReadOnly(options))
    }

    static func deviceNumber(_ bytes: UnsafeRawBufferPointer) -> DeviceNumber? {
        guard let (major, minor) = bytes.split(at: UInt8(ascii: ":")), let major = FactText.decimal(major),
            let minor = FactText.decimal(minor), let major = UInt32(exactly: major), let minor = UInt32(exactly: minor)
        else { return nil }
        return DeviceNumber(major: major, minor: minor)
    }

    /// Anybody's word, or nothing: however long it is, the mount is told.
    private static func sourceName(_ source: UnsafeRawBufferPointer) -> String? {
        source.isEmpty ? "none" : unescaped(UnsafeRawBufferPointer(rebasing: source.prefix(8 * longestPath)), limit: 8 * longestPath)
    }

    /// PATH_MAX.
    private static let longestPath = 4096

    /// A name with its escapes undone, of which each is four bytes for one. File names are bytes to the kernel: what is not UTF-8 is told with U+FFFD in
    /// its place. Nil where there is nothing, or more than `limit` bytes.
    static func unescaped(_ field: UnsafeRawBufferPointer, limit: Int = longestPath) -> String? {
        if field.isEmpty || field.count > 4 * limit || field.contains(0) { return nil }
        guard field.contains(UInt8(ascii: "\\")) else { return field.count > limit ? nil : String(decoding: field, as: UTF8.self) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(field.count)
        var index = 0
        while index < field.count {
            if field[index] == UInt8(ascii: "\\"), index + 3 < field.count,
                let high = octal(field[index + 1]), high < 4, let middle = octal(field[index + 2]), let low = octal(field[index + 3])
            {
                bytes.append(high << 6 | middle << 3 | low)
                index += 4
            } else {
                bytes.append(field[index])
                index += 1
            }
        }
        if bytes.count > limit || bytes.contains(0) { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func octal(_ byte: UInt8) -> UInt8? {
        (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte) ? byte - UInt8(ascii: "0") : nil
    }

    /// `upperdir=` of overlayfs's options, or the first of `lowerdir=`, whose layers have colons between them.
    private static func upperDirectory(_ options: UnsafeRawBufferPointer) -> String? {
        var (upper, lower): (String?, String?)
        var rest: UnsafeRawBufferPointer? = options
        while let text = rest {
            let (option, further) = text.split(at: UInt8(ascii: ",")).map { ($0, Optional($1)) } ?? (text, nil)
            rest = further
            guard let (key, value) = option.split(at: UInt8(ascii: "=")) else { continue }
            if FactText.equal(key, "upperdir") { upper = unescaped(value) }
            if FactText.equal(key, "lowerdir"), lower == nil { lower = unescaped(value.split(at: UInt8(ascii: ":"))?.0 ?? value) }
        }
        return upper ?? lower
    }

    private static func hasReadOnly(_ options: UnsafeRawBufferPointer) -> Bool {
        var rest = options
        while let (option, further) = rest.split(at: UInt8(ascii: ",")) {
            if FactText.equal(option, "ro") { return true }
            rest = further
        }
        return FactText.equal(rest, "ro")
    }
}

/// The fields of a line of a /proc table: one space, or several, between two.
struct Fields {
    private var rest: UnsafeRawBufferPointer

    init(_ line: UnsafeRawBufferPointer) { rest = line }

    /// What no field has been taken of yet.
    var remainder: UnsafeRawBufferPointer { rest }

    /// The field behind exactly one space, which may have nothing in it; nil at the line's end.
    mutating func nextOrEmpty() -> UnsafeRawBufferPointer? {
        guard let first = rest.first else { return nil }
        if first == 0x20 { rest = UnsafeRawBufferPointer(rebasing: rest[1...]) }
        let end = rest.firstIndex(of: 0x20) ?? rest.endIndex
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[end...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<end])
    }

    mutating func next() -> UnsafeRawBufferPointer? {
        while let first = rest.first, first == 0x20 || first == 0x09 { rest = UnsafeRawBufferPointer(rebasing: rest[1...]) }
        if rest.isEmpty { return nil }
        let end = rest.firstIndex { $0 == 0x20 || $0 == 0x09 } ?? rest.endIndex
        defer { rest = UnsafeRawBufferPointer(rebasing: rest[end...]) }
        return UnsafeRawBufferPointer(rebasing: rest[..<end])
    }
}
