import CLinux
import Files
import Glibc
import Identifiers
import Testing

@testable import ScratchPad

/// Trees that anybody may build in a pad.
@Suite struct HostileTreeTests {
    /// `depth` directories, one in the other, with a file beside each.
    private func dig(_ depth: Int, in path: String) throws {
        var directory = try FileDescriptor(directory: path)
        for _ in 0..<depth {
            try #require(mkdirat(directory.number, "d", 0o755) == 0)
            _ = try directory.open(beneath: "file", flags: O_WRONLY | O_CREAT, mode: 0o644)
            directory = try directory.open(beneath: "d", flags: O_RDONLY | O_DIRECTORY)
        }
    }

    private func spread(_ count: Int, in path: String) throws {
        let directory = try FileDescriptor(directory: path)
        for number in 0..<count { _ = try directory.open(beneath: "\(number)", flags: O_WRONLY | O_CREAT, mode: 0o644) }
    }

    @Test func `a tree deeper than any path is removed, and nothing beside it`() throws {
        let pad = try TestPad()
        try makeDirectories("\(pad.path)/in/deep")
        try dig(2_500, in: "\(pad.path)/in/deep")
        try replaceFile("\(pad.path)/in/beside", with: [1])
        #expect(try pad.medium.remove(name("deep"), in: .incoming))
        #expect(try pad.medium.names(in: .incoming, limit: 10) == [name("beside")])
        #expect(try !pad.medium.remove(name("deep"), in: .incoming))
    }

    @Test func `one call does a bounded part, and the next goes on`() throws {
        let pad = try TestPad()
        try makeDirectories("\(pad.path)/in/wide/a/b")
        try spread(500, in: "\(pad.path)/in/wide/a/b")
        let incoming = try FileDescriptor(directory: "\(pad.path)/in")
        let wide = try name("wide")
        var calls = 1
        while true {
            do throws(FileError) {
                _ = try HostileTree.remove(wide, in: incoming, steps: 100)
                break
            } catch {
                #expect(error.errno == ENOTEMPTY)
                calls += 1
                try #require(calls < 20)
            }
        }
        #expect(calls > 3)
        #expect(try pad.medium.names(in: .incoming, limit: 10).isEmpty)
    }

    @Test func `a link in a tree goes, and not what it leads to`() throws {
        let pad = try TestPad()
        let elsewhere = "\(pad.path)-elsewhere"
        try makeDirectories(elsewhere)
        try replaceFile("\(elsewhere)/precious", with: [1])
        try makeDirectories("\(pad.path)/in/tree/inner")
        for place in ["tree", "tree/inner"] { try #require(symlink(elsewhere, "\(pad.path)/in/\(place)/link") == 0) }
        #expect(try pad.medium.remove(name("tree"), in: .incoming))
        #expect(access("\(elsewhere)/precious", F_OK) == 0)
    }

    @Test func `purge removes a deep tree, and goes on after what cannot be removed and names it`() throws {
        let pad = try TestPad()
        try makeDirectories("\(pad.path)/bad/deep")
        try dig(200, in: "\(pad.path)/bad/deep")
        for other in ["a-stuck", "b"] { try replaceFile("\(pad.path)/bad/\(other)", with: [1]) }
        var controller = ControllerPad(medium: StuckMedium(inner: pad.medium, stuck: try name("a-stuck")))
        let purge = try controller.purge()
        #expect(purge.removed == 2)
        #expect(purge.left.map(\.path) == ["bad/a-stuck"])
        #expect(try pad.medium.names(in: .quarantine, limit: 10) == [name("a-stuck")])
    }

    /// A pad on which one name cannot be removed, as an immutable file's cannot.
    struct StuckMedium: PadMedium {
        let inner: any PadMedium
        let stuck: PadName

        func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? { try inner.stamp(folder) }
        func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] { try inner.names(in: folder, limit: limit) }
        func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
            try inner.read(name, in: folder, limit: limit)
        }
        func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) {
            try inner.write(bytes, as: name, in: folder, durably: durably)
        }
        func move(_ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder) throws(PadError) -> Bool {
            try inner.move(name, in: folder, to: newName, in: newFolder)
        }
        func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool {
            if name == stuck { throw .file(.system(operation: "remove", path: "\(name)", errno: EPERM)) }
            return try inner.remove(name, in: folder)
        }
        func make(_ folder: PadFolder) throws(PadError) { try inner.make(folder) }
        func synchronize(_ folder: PadFolder?) throws(PadError) { try inner.synchronize(folder) }
    }
}
