import Foundation
import Glibc
import PluginProtocol
import Testing

@Suite struct PluginFinderTests {
    private let root = NSTemporaryDirectory() + "quartermaster-finder-\(UUID().uuidString)"

    private func withDirectories(_ names: [String], _ body: ([String]) throws -> Void) throws {
        defer { try? FileManager.default.removeItem(atPath: root) }
        let directories = names.map { "\(root)/\($0)" }
        for directory in directories {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        }
        try body(directories)
    }

    private func put(_ path: String, mode: Int = 0o755) throws {
        #expect(FileManager.default.createFile(atPath: path, contents: Data("#!/bin/sh\n".utf8)))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test func `the first directory that has it decides, in the order of the contract`() throws {
        try withDirectories(["path1", "path2", "configured", "beside"]) { directories in
            let finder = PluginFinder(
                path: "\(directories[0]):\(directories[1])::relative", configured: [directories[2]],
                executable: directories[3] + "/quartermaster")
            #expect(finder.directories == directories + ["/usr/libexec/quartermaster"])
            for directory in directories.reversed() {
                try put(directory + "/quartermaster-plugin-x")
                #expect(try finder.find("x") == directory + "/quartermaster-plugin-x")
            }
        }
    }

    @Test(arguments: ["", "-x", "../x", "x/y", "X", "x y", "x.", "ä", String(repeating: "x", count: 64), "x\0y"])
    func `a name that is none is refused`(name: String) {
        #expect(throws: PluginFinder.Failure.badName(name)) { try PluginFinder(directories: ["/tmp"]).find(name) }
    }

    @Test func `what others could write is not run`() throws {
        try withDirectories(["a"]) { directories in
            let path = directories[0] + "/quartermaster-plugin-x"
            let finder = PluginFinder(directories: directories)
            try put(path, mode: 0o757)
            #expect { try finder.find("x") } throws: { "\($0)".contains("it can be written by everybody; run chmod o-w on it") }
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            #expect { try finder.find("x") } throws: { "\($0)".contains("it is not executable") }
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directories[0])
            #expect { try finder.find("x") } throws: { "\($0)".contains("its directory \(directories[0]) can be written by everybody") }
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directories[0])
            #expect(try finder.find("x") == path)
        }
    }

    @Test func `what a group could write, or replace by renaming a directory above, is not run`() throws {
        try withDirectories(["a/b"]) { directories in
            let path = directories[0] + "/quartermaster-plugin-x"
            let above = root + "/a"
            let finder = PluginFinder(directories: directories)
            try put(path)
            #expect(try finder.find("x") == path)
            for (place, mode) in [(above, 0o757), (path, 0o775), (directories[0], 0o775), (above, 0o775)] {
                // Any group but root's.
                guard mode & 0o002 != 0 || chown(place, getuid(), 65_534) == 0 else { continue }
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: place)
                #expect { try finder.find("x") } throws: { "\($0)".contains("can be written by") && "\($0)".contains(place) }
                try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place)
            }
            #expect(try finder.find("x") == path)
        }
    }

    @Test func `a directory or a FIFO of that name is not run`() throws {
        try withDirectories(["a", "a/quartermaster-plugin-x", "b"]) { directories in
            #expect { try PluginFinder(directories: [directories[0]]).find("x") } throws: { "\($0)".contains("it is no regular file") }
            mkfifo(directories[2] + "/quartermaster-plugin-y", 0o755)
            #expect { try PluginFinder(directories: [directories[2]]).find("y") } throws: { "\($0)".contains("it is no regular file") }
        }
    }

    @Test func `a link is followed, and the place it leads to is checked too`() throws {
        try withDirectories(["open", "links"]) { directories in
            try put(directories[0] + "/real")
            try FileManager.default.createSymbolicLink(
                atPath: directories[1] + "/quartermaster-plugin-x", withDestinationPath: directories[0] + "/real")
            #expect(try PluginFinder(directories: [directories[1]]).find("x") == directories[1] + "/quartermaster-plugin-x")
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directories[0])
            #expect(throws: PluginFinder.Failure.self) { try PluginFinder(directories: [directories[1]]).find("x") }
        }
    }
}
