import Files
import Glibc
import Identifiers
import ScratchPad
import Testing

/// The header in a directory where others may write, and entries that cannot be dealt with.
@Suite struct HeaderWatchTests {
    private func collect(_ pad: inout TestPad, at seconds: Int64) throws -> ControllerPad.Collection {
        try pad.controller.collect(.init(), elapsed: .seconds(seconds), now: pad.now)
    }

    @Test(arguments: MediumKind.allCases)
    func `a header that was removed or replaced in the pad's own directory is put back, and said`(kind: MediumKind) throws {
        var pad = try TestPad(kind)
        let limit = PadHeader.maximumBytes
        let written = try pad.medium.read(PadHeader.fileName, in: .root, limit: limit)
        #expect(try collect(&pad, at: 0).mendedHeader == nil)
        #expect(try pad.medium.remove(PadHeader.fileName, in: .root))
        #expect(try collect(&pad, at: 31).mendedHeader == .missing)
        #expect(try pad.medium.read(PadHeader.fileName, in: .root, limit: limit) == written)
        #expect(try collect(&pad, at: 62).mendedHeader == nil)
        // An old header that somebody kept, say.
        #expect(try pad.medium.remove(PadHeader.fileName, in: .root))
        try pad.medium.write([1, 2, 3], as: PadHeader.fileName, in: .root, durably: false)
        guard case .malformed = try collect(&pad, at: 93).mendedHeader else {
            Issue.record("another header went unseen")
            return
        }
        #expect(try pad.medium.read(PadHeader.fileName, in: .root, limit: limit) == written)
    }

    @Test func `a directory that has become another one is not written to`() throws {
        var pad = try TestPad(.directory)
        #expect(try collect(&pad, at: 0).mendedHeader == nil)
        try #require(rename(pad.path, "\(pad.path)-away") == 0)
        try makeDirectories("\(pad.path)/in")
        #expect(throws: PadError.header(.missing)) { try collect(&pad, at: 31) }
        #expect(try pad.medium.names(in: .root, limit: 10) == [#require(PadName(bytes: Array("in".utf8)))])
        _ = rename(pad.path, "\(pad.path)-other")
        try #require(rename("\(pad.path)-away", pad.path) == 0)
        #expect(try collect(&pad, at: 62).mendedHeader == nil)
    }

    @Test func `an entry that can be neither moved nor renamed is told once, and stops nothing`() throws {
        let pad = try TestPad(.simulated)
        let stuck = try #require(PadName(bytes: Array("stuck".utf8)))
        let medium = StuckMedium(inner: pad.medium, name: stuck)
        var controller = ControllerPad(medium: medium)
        try pad.medium.write([0], as: stuck, in: .incoming, durably: false)
        let planted = try #require(try controller.collect(.init(), elapsed: .zero, now: pad.now).files.first)
        #expect(planted.content == .fault(.oddName))
        #expect(throws: PadError.self) { try controller.quarantine(planted, now: pad.now) }
        _ = try pad.host().publish([7], sender: fingerprint(2), sequence: 1)
        let next = try controller.collect(.init(), elapsed: .seconds(1), now: pad.now + .seconds(1)).files
        #expect(next.map(\.bytes) == [[7]])
    }
}

/// A medium on which one name can be neither renamed nor removed, as with `chattr +i` or a mount point.
private struct StuckMedium: PadMedium {
    let inner: any PadMedium
    let name: PadName

    private func check(_ other: PadName) throws(PadError) {
        if other == name { throw .file(.system(operation: "rename", path: "in/\(name)", errno: EPERM)) }
    }

    func stamp(_ folder: PadFolder) throws(PadError) -> FolderStamp? { try inner.stamp(folder) }
    func names(in folder: PadFolder, limit: Int) throws(PadError) -> [PadName] { try inner.names(in: folder, limit: limit) }
    func read(_ name: PadName, in folder: PadFolder, limit: Int) throws(PadError) -> PadFile? {
        try inner.read(name, in: folder, limit: limit)
    }
    func write(_ bytes: [UInt8], as name: PadName, in folder: PadFolder, durably: Bool) throws(PadError) {
        try inner.write(bytes, as: name, in: folder, durably: durably)
    }
    func move(_ name: PadName, in folder: PadFolder, to newName: PadName, in newFolder: PadFolder) throws(PadError) -> Bool {
        try check(name)
        return try inner.move(name, in: folder, to: newName, in: newFolder)
    }
    func remove(_ name: PadName, in folder: PadFolder) throws(PadError) -> Bool {
        try check(name)
        return try inner.remove(name, in: folder)
    }
    func make(_ folder: PadFolder) throws(PadError) { try inner.make(folder) }
    func synchronize(_ folder: PadFolder?) throws(PadError) { try inner.synchronize(folder) }
}
