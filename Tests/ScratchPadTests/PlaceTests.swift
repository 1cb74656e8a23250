import Files
import Glibc
import Identifiers
import Testing

@testable import ScratchPad

/// Where a pad is made and mended, and where not.
@Suite struct PlaceTests {
    private func refused(_ pad: TestPad, at path: String) throws -> PadError? {
        do throws(PadError) {
            _ = try ControllerPad.create(on: DirectoryMedium(path: path), header: pad.header, keys: pad.test.keys)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a pad is found among many files by its name`() throws {
        let pad = try TestPad()
        for number in 0..<500 { try replaceFile("\(pad.path)/file-\(number)", with: []) }
        #expect(try refused(pad, at: pad.path) == .exists(path: "pad.p7s"))
    }

    @Test(arguments: ["in", "out", "bad"])
    func `folders that hold something, and files in their place, are not taken over`(folder: String) throws {
        let pad = try TestPad()
        let path = "\(pad.path)-new"
        try makeDirectories("\(path)/\(folder)")
        try replaceFile("\(path)/\(folder)/upload", with: [1])
        #expect(try refused(pad, at: path) == .taken(path: folder))
        #expect(try DirectoryMedium(path: path).names(in: .root, limit: 10) == [name(folder)])
        #expect(access("\(path)/\(folder)/upload", F_OK) == 0)
        _ = unlink("\(path)/\(folder)/upload")
        try #require(rmdir("\(path)/\(folder)") == 0)
        try replaceFile("\(path)/\(folder)", with: [1])
        #expect(try refused(pad, at: path) == .taken(path: folder))
        // Empty, as an attempt that was interrupted leaves it.
        _ = unlink("\(path)/\(folder)")
        try makeDirectories("\(path)/\(folder)")
        #expect(try refused(pad, at: path) == nil)
    }

    @Test func `only the last directory of a path is made, and a file in the way is named`() throws {
        let pad = try TestPad()
        let missing = "\(pad.path)-missing"
        guard case .notMade(.system(_, _, ENOENT))? = try refused(pad, at: "\(missing)/a") else {
            Issue.record("a pad was made below a directory that is not there")
            return
        }
        #expect(access(missing, F_OK) != 0)
        try replaceFile(missing, with: [1])
        #expect(try refused(pad, at: missing) == .notMade(.notDirectory(path: missing)))
        // /proc makes no directories.
        guard case .notMade? = try refused(pad, at: "/proc/quartermaster-pad") else {
            Issue.record("a pad was made in /proc")
            return
        }
    }

    @Test func `a mount point without its file system holds no trace of the pad`() throws {
        let pad = try TestPad()
        func hasTrace(_ id: PadID = TestPad.padID) throws -> Bool {
            try pad.controller.hasTrace(of: id, keys: pad.test.keys, now: pad.now)
        }
        #expect(try hasTrace())
        #expect(throws: PadError.self) { try hasTrace(.random()) }
        try #require(unlink("\(pad.path)/pad.p7s") == 0)
        #expect(try hasTrace())
        for folder in ["in", "out", "bad"] { try #require(rmdir("\(pad.path)/\(folder)") == 0) }
        #expect(try !hasTrace())
        let problems = pad.controller.check(keys: pad.test.keys, expected: nil, now: pad.now)
        #expect(problems.first?.remedy.contains("--recreate") == true)
        try #require(rmdir(pad.path) == 0)
        #expect(try !hasTrace())
    }

    @Test func `check sees what hosts are kept from by modes, and repair lets them in`() throws {
        var pad = try TestPad()
        func parts() -> [String] { pad.controller.check(keys: pad.test.keys, expected: nil, now: pad.now).map(\.part) }
        func set(_ mode: mode_t, _ name: String) throws { try #require(chmod("\(pad.path)/\(name)", mode) == 0) }
        #expect(parts() == [])
        try set(0o700, "")
        #expect(parts() == ["directory"])
        try set(0o777, "")
        #expect(parts() == ["directory"])
        try set(0o777, "in")
        try set(0o700, "out")
        try set(0o755, "bad")
        #expect(parts() == ["directory", "in", "out", "bad"])
        #expect(try pad.controller.repair(pad.header, keys: pad.test.keys).contains("let hosts into the pad's directory"))
        #expect(parts() == [])
        try set(0o600, "pad.p7s")
        #expect(parts() == ["directory"])
    }
}
