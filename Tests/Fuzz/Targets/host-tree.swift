// needs: StrictJSON Identifiers Files Inventory HostFacts
// trees: Tests/Golden/captures
import Foundation
import HostFacts
import Inventory
import StrictJSON

/// A whole host, captured, of which files and links say something else: `FILE (2 bytes) LENGTH (2 bytes) CONTENT`, up to four times. Whatever they
/// say, the facts are read, keep their bounds, and mean the same when they are written and read again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHostTree(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var rest = Array(UnsafeBufferPointer(start: start, count: count))[...]
    guard let first = rest.popFirst() else { return 0 }
    let tree = trees[Int(first) % trees.count]
    var changed: [Int] = []
    while changed.count < 4, rest.count >= 4 {
        let head = Array(rest.prefix(4))
        let file = (Int(head[0]) << 8 | Int(head[1])) % tree.files.count
        let content = rest.dropFirst(4).prefix(Int(head[2]) << 8 | Int(head[3]))
        rest = rest.dropFirst(4 + content.count)
        tree.files[file].change(to: Array(content))
        changed.append(file)
    }
    defer { for file in changed { tree.files[file].restore() } }
    do {
        let reader = try HostReader(sysroot: tree.root)
        let inventory = reader.inventory(level: .applications)
        let again = try Inventory(json: JSONFields(JSONValue.parse(inventory.jsonBytes)))
        precondition(again == inventory, "facts change when they are written and read")
        precondition(inventory == inventory.withinBounds(), "facts beyond their bounds")
        _ = reader.fileSystems()
        _ = PrivilegedFacts.read(try Tree(sysroot: tree.root))
    } catch {
        preconditionFailure("what was written is not read: \(error)")
    }
    return 0
}

/// The archives that Tests/Fuzz/run unpacked.
private let trees: [CapturedTree] = {
    let directory = ProcessInfo.processInfo.environment["FUZZ_TREES"] ?? ""
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
    precondition(!names.isEmpty, "FUZZ_TREES names no folder of captured hosts: Tests/Fuzz/run sets it")
    return names.map { CapturedTree(root: "\(directory)/\($0)") }
}()

private struct CapturedTree {
    let root: String
    var files: [CapturedFile] = []

    init(root: String) {
        self.root = root
        // Of directories that are links what is in them is not looked at again.
        guard let names = FileManager.default.enumerator(atPath: root) else { preconditionFailure("\(root) is no directory") }
        for case let name as String in names {
            if let file = CapturedFile(path: "\(root)/\(name)") { files.append(file) }
        }
        files.sort { $0.path < $1.path }
    }
}

private struct CapturedFile {
    let path: String
    /// The bytes of a file, or what a link says.
    let original: [UInt8]
    let isLink: Bool

    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.path = path
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            isLink = false
            guard let data = FileManager.default.contents(atPath: path) else { return nil }
            original = Array(data)
        case S_IFLNK:
            isLink = true
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) else { return nil }
            original = Array(target.utf8)
        default: return nil
        }
    }

    func change(to content: [UInt8]) {
        unlink(path)
        if isLink {
            let target = content.prefix(4095).prefix { $0 != 0 }
            _ = String(decoding: target, as: UTF8.self).withCString { symlink($0, path) }
        } else {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
            precondition(descriptor >= 0, "cannot write \(path)")
            precondition(write(descriptor, content, content.count) == content.count, "cannot write \(path)")
            close(descriptor)
        }
    }

    func restore() { change(to: original) }
}
