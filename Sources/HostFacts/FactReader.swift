import CLinux
import Glibc
import Inventory

/// Reads one attribute after the other into one buffer, and notes what could not be read. The bytes of a reading are good until the next.
///
/// Each field is a value, absent, unreadable with its errno, or malformed; the last two are noted under `problems`.
final class FactReader {
    /// What came of one attempt.
    enum Reading {
        case value(UnsafeRawBufferPointer)
        case absent
        case unreadable(errno: Int32)
        case tooLong(limit: Int)
        /// A FIFO, a socket, a device.
        case notRegular
    }

    /// A sysfs attribute is at most a page (sysfs-rules).
    static let attributeLimit = 4096
    static let bufferSize = 1 << 20

    let tree: Tree
    private(set) var problems: [Inventory.Problem] = []
    /// Told of every attempt, where somebody asked where values come from.
    let trace: Trace?
    /// What only root can read, from somebody who could; nil where it is to be read here, as far as that goes.
    let privileged: PrivilegedFacts?
    private let buffer: UnsafeMutableRawBufferPointer
    /// For the few files that are larger than the buffer; made when the first of them is read.
    private var largeBuffer: UnsafeMutableRawBufferPointer?

    init(tree: Tree, trace: Trace? = nil, privileged: PrivilegedFacts? = nil) {
        self.tree = tree
        self.trace = trace
        self.privileged = privileged
        buffer = .allocate(byteCount: Self.bufferSize, alignment: 16)
    }

    deinit {
        buffer.deallocate()
        largeBuffer?.deallocate()
    }

    // MARK: Attributes of an open directory

    /// The attribute's text without the white space around it; nil where it is absent, empty, or noted as a problem.
    func text(_ attribute: StaticString, _ field: StaticString, in directory: borrowing Directory) -> String? {
        take(read(attribute, in: directory), field, directory.path, attribute) { FactText.string($0) }
    }

    /// The attribute parsed by `parse` from its bytes without the white space around them; nil from `parse` is noted as malformed.
    func parsed<Value>(
        _ attribute: StaticString, _ field: StaticString, in directory: borrowing Directory, expected: StaticString,
        _ parse: (UnsafeRawBufferPointer) -> Value?
    ) -> Value? {
        take(read(attribute, in: directory), field, directory.path, attribute) { bytes in
            parse(FactText.trimmed(bytes)).map { .value($0) } ?? .malformed("not \(expected): \(FactText.excerpt(bytes))")
        }
    }

    /// The raw bytes of a binary attribute, given to `parse`.
    func binary<Value>(
        _ attribute: StaticString, _ field: StaticString, in directory: borrowing Directory,
        _ parse: (UnsafeRawBufferPointer) -> FactText.Parsed<Value>
    ) -> Value? {
        take(read(attribute, in: directory, limit: 65_536), field, directory.path, attribute, parse)
    }

    func read(_ attribute: StaticString, in directory: borrowing Directory, limit: Int = attributeLimit) -> Reading {
        attribute.withUTF8Buffer { name in
            // A StaticString of a literal ends in a zero byte, so that it is a C string too.
            let path = UnsafeRawPointer(name.baseAddress!).assumingMemoryBound(to: CChar.self)
            let resolution = name.contains(UInt8(ascii: "/")) ? tree.fromDirectory : tree.oneName
            return outcome(
                quartermaster_read_in(directory.descriptor, path, resolution, buffer.baseAddress, limit + 1, 0), limit: limit)
        }
    }

    // MARK: Files from the root

    func text(file path: String, _ field: StaticString) -> String? {
        take(readFile(path), field, path, nil) { FactText.string($0) }
    }

    func parsed<Value>(
        file path: String, _ field: StaticString, expected: StaticString, _ parse: (UnsafeRawBufferPointer) -> Value?
    ) -> Value? {
        take(readFile(path), field, path, nil) { bytes in
            parse(FactText.trimmed(bytes)).map { .value($0) } ?? .malformed("not \(expected): \(FactText.excerpt(bytes))")
        }
    }

    /// A whole file, given to `parse` as it is; nil where it is absent or noted as a problem.
    func whole<Value>(
        file path: String, _ field: StaticString, limit: Int = bufferSize - 1, _ parse: (UnsafeRawBufferPointer) -> FactText.Parsed<Value>
    ) -> Value? {
        take(readFile(path, limit: limit, whole: true), field, path, nil, parse)
    }

    /// The same of a file of this machine that is open already, if only as a place; `path` is what it is called.
    func whole<Value>(
        open descriptor: Int32, _ path: String, _ field: StaticString, limit: Int,
        _ parse: (UnsafeRawBufferPointer) -> FactText.Parsed<Value>
    ) -> Value? {
        take(readFile("proc/self/fd/\(descriptor)", limit: limit, whole: true), field, path, nil, parse)
    }

    func readFile(_ path: String, limit: Int = attributeLimit, whole: Bool = false) -> Reading {
        let first = min(limit + 1, Self.bufferSize)
        let count = quartermaster_read_in(tree.root, path, tree.fromRoot, buffer.baseAddress, first, whole ? 1 : 0)
        if count < first || first == limit + 1 { return outcome(count, limit: limit) }
        let large = UnsafeMutableRawBufferPointer.allocate(byteCount: limit + 1, alignment: 16)
        largeBuffer?.deallocate()
        largeBuffer = large
        let whole = quartermaster_read_in(tree.root, path, tree.fromRoot, large.baseAddress, limit + 1, 1)
        return outcome(whole, limit: limit, in: large)
    }

    /// Calls `body` with each line of a file, without its newline, as it is read; the bytes are good during the call. False where the file is
    /// absent or cannot be read, which is noted; so is what is left out: beyond `limit` bytes, and lines longer than the buffer.
    func eachLine(file path: String, _ field: StaticString, limit: Int, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        switch eachLine(file: path, limit: limit, body) {
        case .success(let omission):
            if let omission { note(path, field, "malformed: \(omission) and is not told") }
            trace?.add(field, path, "read line by line")
            return true
        case .failure(let failure):
            return take(outcome(failure.code, limit: limit), field, path, nil) { _ in .value(true) } ?? false
        }
    }

    /// What `quartermaster_read_in` says of a file that cannot be read.
    struct ReadFailure: Error { let code: Int }

    /// The same, noting nothing. Returns what was left out.
    func eachLine(file path: String, limit: Int, _ body: (UnsafeRawBufferPointer) -> Void) -> Result<String?, ReadFailure> {
        var isOther: Int32 = 0
        let descriptor = quartermaster_open_file(tree.root, path, tree.fromRoot, &isOther)
        guard descriptor >= 0 else { return .failure(ReadFailure(code: isOther != 0 ? Int(quartermaster_not_regular) : -Int(errno))) }
        defer { close(descriptor) }
        var omission: String?
        var (filled, total, isWithin) = (0, 0, true)
        while total < limit {
            let count = Glibc.read(descriptor, buffer.baseAddress! + filled, Self.bufferSize - filled)
            if count < 0 {
                if errno == EINTR { continue }
                return .failure(ReadFailure(code: -Int(errno)))
            }
            if count == 0 { break }
            total += count
            filled += count
            var rest = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
            while let (line, further) = rest.split(at: 0x0A) {
                if isWithin { body(line) }
                (rest, isWithin) = (further, true)
            }
            if rest.count == Self.bufferSize {
                omission = "a line is longer than \(Self.bufferSize) bytes"
                (filled, isWithin) = (0, false)
            } else {
                if let start = rest.baseAddress { memmove(buffer.baseAddress!, start, rest.count) }
                filled = rest.count
            }
        }
        if total >= limit { omission = "what stands beyond \(limit) bytes is too much" }
        if filled > 0, isWithin { body(UnsafeRawBufferPointer(rebasing: buffer[..<filled])) }
        return .success(omission)
    }

    /// The first bytes of a file, as many as one read gives and at most `count`; nil where there are none.
    func beginning(ofFile path: String, count: Int) -> UnsafeRawBufferPointer? {
        let read = quartermaster_read_in(tree.root, path, tree.fromRoot, buffer.baseAddress, min(count, Self.bufferSize), 0)
        return read > 0 ? UnsafeRawBufferPointer(rebasing: buffer[..<read]) : nil
    }

    /// A name in an open directory.
    func read(name: UnsafePointer<CChar>, in directory: Int32, limit: Int) -> Reading {
        outcome(quartermaster_read_in(directory, name, tree.oneName, buffer.baseAddress, limit + 1, 0), limit: limit)
    }

    // MARK: Directories

    /// The names in a directory, sorted; empty where there is none. One that cannot be listed is noted.
    func names(_ path: String, _ field: StaticString) -> [String] {
        guard let directory = tree.directory(path, listing: true) else {
            if !Self.meansAbsent(errno) { note(path, field, "unreadable: \(FactText.text(ofErrno: errno))") }
            return []
        }
        return names(in: directory, field)
    }

    func names(in directory: borrowing Directory, _ field: StaticString) -> [String] {
        var names: [String] = []
        var areAllText = true
        eachName(in: directory, field) { name in
            if let text = FactText.exactly(name) { names.append(text) } else { areAllText = false }
        }
        if !areAllText { noteStrangeName(directory.path, field) }
        names.sort()
        return names
    }

    /// Once for each directory. File names are bytes to the kernel; how many there are, and which, is nobody's concern.
    private func noteStrangeName(_ path: String, _ field: StaticString) {
        let reason = "malformed: a name in it is not UTF-8, and is passed over"
        let problem = Inventory.Problem(path: "/" + path, field: field.description, reason: reason)
        if !problems.contains(problem) { problems.append(problem) }
    }

    /// The first `count` of the names that fit, sorted. A directory that anybody may fill costs no more memory for it, and the time of
    /// `maximumForeignNames`: of more the rest is passed over, which is told.
    func names(in directory: borrowing Directory, _ field: StaticString, first count: Int, where fits: (String) -> Bool) -> [String] {
        let path = directory.path
        var names: [String] = []
        var areAllText = true
        let isWhole = eachName(in: directory, field, limit: Self.maximumForeignNames) { name in
            let text = FactText.exactly(name)
            if text == nil { areAllText = false }
            guard let text, fits(text) else { return }
            names.append(text)
            if names.count > 2 * count {
                names.sort()
                names.removeLast(names.count - count)
            }
        }
        if !areAllText { noteStrangeName(path, field) }
        if !isWhole { note(path, field, "not all of it is looked at: it has more than \(Self.maximumForeignNames) names") }
        return Array(names.sorted().prefix(count))
    }

    private static let maximumForeignNames = 16_384

    /// Calls `body` with each name but `.` and `..`, unsorted, and at most `limit` of them; false where there are more.
    @discardableResult
    func eachName(
        in directory: borrowing Directory, _ field: StaticString, limit: Int = .max, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        var seen = 0
        while true {
            let count = quartermaster_list(directory.descriptor, buffer.baseAddress, 64 << 10)
            if count < 0 {
                if !Self.meansAbsent(Int32(-count)) { note(directory.path, field, "unreadable: \(FactText.text(ofErrno: Int32(-count)))") }
                return true
            }
            if count == 0 { return true }
            // struct linux_dirent64: inode (8), offset (8), length (2), type (1), name ending in a zero byte.
            var offset = 0
            while offset + 19 < count {
                let length = Int(buffer.loadUnaligned(fromByteOffset: offset + 16, as: UInt16.self))
                guard length >= 20, offset + length <= count else { return true }
                let record = UnsafeRawBufferPointer(rebasing: buffer[offset + 19..<offset + length])
                let name = UnsafeRawBufferPointer(rebasing: record.prefix { $0 != 0 })
                if !(name.count <= 2 && name.allSatisfy { $0 == UInt8(ascii: ".") }) {
                    guard seen < limit else { return false }
                    seen += 1
                    body(name)
                }
                offset += length
            }
        }
    }

    // MARK: Problems

    func note(_ path: String, _ field: StaticString, _ reason: String) {
        problems.append(Inventory.Problem(path: "/" + path, field: field.description, reason: reason))
    }

    /// Those of another reader of the same tree; what both noted of a shared file counts once.
    func note(_ others: [Inventory.Problem]) {
        let known = Set(problems)
        problems += others.filter { !known.contains($0) }
    }

    /// What the kernel answers where an attribute has no value: it is not there, or the device does not have it.
    static func meansAbsent(_ errno: Int32) -> Bool {
        switch errno {
        case ENOENT, ENOTDIR, ENODEV, ENXIO, EINVAL, EOPNOTSUPP, ENODATA, ENOSYS, ENOTCONN: true
        default: false
        }
    }

    private func outcome(_ count: Int, limit: Int, in buffer: UnsafeMutableRawBufferPointer? = nil) -> Reading {
        if count == quartermaster_not_regular { return .notRegular }
        if count < 0 {
            let errno = Int32(-count)
            return Self.meansAbsent(errno) ? .absent : .unreadable(errno: errno)
        }
        if count > limit { return .tooLong(limit: limit) }
        return .value(UnsafeRawBufferPointer(rebasing: (buffer ?? self.buffer)[..<count]))
    }

    private func take<Value>(
        _ reading: Reading, _ field: StaticString, _ directory: String, _ attribute: StaticString?,
        _ parse: (UnsafeRawBufferPointer) -> FactText.Parsed<Value>
    ) -> Value? {
        switch reading {
        case .value(let bytes):
            switch parse(bytes) {
            case .value(let value):
                trace?.add(field, Self.path(directory, attribute), Trace.outcome(value))
                return value
            case .nothing:
                trace?.add(field, Self.path(directory, attribute), "empty")
                return nil
            case .malformed(let reason):
                note(Self.path(directory, attribute), field, "malformed: \(reason)")
                trace?.add(field, Self.path(directory, attribute), "malformed: \(reason)")
                return nil
            }
        case .absent:
            trace?.add(field, Self.path(directory, attribute), "absent")
            return nil
        case .unreadable(let errno):
            note(Self.path(directory, attribute), field, "unreadable: \(FactText.text(ofErrno: errno))")
            trace?.add(field, Self.path(directory, attribute), "unreadable: \(FactText.text(ofErrno: errno))")
            return nil
        case .tooLong(let limit):
            note(Self.path(directory, attribute), field, "malformed: longer than \(limit) bytes")
            trace?.add(field, Self.path(directory, attribute), "malformed: longer than \(limit) bytes")
            return nil
        case .notRegular:
            note(Self.path(directory, attribute), field, "malformed: not a regular file")
            trace?.add(field, Self.path(directory, attribute), "malformed: not a regular file")
            return nil
        }
    }

    private static func path(_ directory: String, _ attribute: StaticString?) -> String {
        attribute.map { "\(directory)/\($0)" } ?? directory
    }
}
