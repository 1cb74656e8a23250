import Files
import Foundation
import Testing

/// A fresh directory that goes with the test.
private final class Scratch {
    let path: String
    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite struct AtomicFileTests {
    @Test func aFileIsReplacedWholeWithItsMode() throws {
        let scratch = try Scratch()
        try replaceFile("\(scratch.path)/state", with: Array("one".utf8))
        try replaceFile("\(scratch.path)/state", with: Array("two".utf8), mode: 0o640)
        #expect(try readFile("\(scratch.path)/state") == Array("two".utf8))
        #expect(try FileDescriptor(opening: "\(scratch.path)/state", flags: O_RDONLY).status().st_mode & 0o7777 == 0o640)
        #expect(try FileDescriptor(directory: scratch.path).names() == ["state"])
    }

    @Test func aFailureLeavesTheOldFileAndNoTemporaryOne() throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: "\(scratch.path)/taken/inner", withIntermediateDirectories: true)
        let error = #expect(throws: FileError.self) { try replaceFile("\(scratch.path)/taken", with: [1]) }
        #expect(error?.errno == EISDIR || error?.errno == ENOTEMPTY || error?.errno == EEXIST)
        #expect(try FileDescriptor(directory: scratch.path).names() == ["taken"])
    }
}

@Suite struct ReadingTests {
    @Test func sizesAreBounded() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/file"
        try replaceFile(path, with: [UInt8](repeating: 1, count: 100))
        #expect(try readFile(path, limit: 100).count == 100)
        #expect(throws: FileError.tooLarge(path: path, limit: 99)) { try readFile(path, limit: 99) }
        #expect(throws: FileError.notRegular(path: scratch.path)) { try readFile(scratch.path) }
    }

    @Test func aSecretLosesOneNewlineAndMustBePrivate() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/secret"
        try replaceFile(path, with: Array("pass word\n\n".utf8))
        #expect(try readSecret(path) == Array("pass word\n".utf8))
        chmod(path, 0o640)
        let error = #expect(throws: FileError.self) { try readSecret(path) }
        #expect(error?.description.contains("chmod 600") == true)
    }
}

@Suite struct BeneathTests {
    @Test func neitherLinksNorParentsAreFollowed() throws {
        let scratch = try Scratch()
        try replaceFile("\(scratch.path)/target", with: [1])
        symlink("target", "\(scratch.path)/link")
        let directory = try FileDescriptor(directory: scratch.path)
        #expect(try directory.open(beneath: "target", flags: O_RDONLY).readAll(limit: 10) == [1])
        #expect(throws: FileError.system(operation: "open", path: "\(scratch.path)/link", errno: ELOOP)) {
            try directory.open(beneath: "link", flags: O_RDONLY)
        }
        #expect(throws: FileError.system(operation: "open", path: "\(scratch.path)/../x", errno: EXDEV)) {
            try directory.open(beneath: "../x", flags: O_RDONLY)
        }
    }

    @Test func aFIFODoesNotBlock() throws {
        let scratch = try Scratch()
        mkfifo("\(scratch.path)/fifo", 0o600)
        let fifo = try FileDescriptor(directory: scratch.path).open(beneath: "fifo", flags: O_RDONLY)
        #expect(try fifo.status().st_mode & S_IFMT == S_IFIFO)
    }
}

@Suite struct FileLockTests {
    @Test func aSecondHolderIsRefusedUntilTheFirstIsGone() throws {
        let scratch = try Scratch()
        let path = "\(scratch.path)/lock"
        var first: FileLock? = try FileLock(path)
        #expect(throws: FileError.locked(path: path)) { try FileLock(path) }
        #expect(first != nil)
        first = nil
        #expect(throws: Never.self) { try FileLock(path) }
    }
}
