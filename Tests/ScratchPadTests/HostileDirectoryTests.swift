import CLinux
import Files
import Glibc
import Identifiers
import Testing

@testable import ScratchPad

/// What any root on any host may plant in a pad.
@Suite struct HostileDirectoryTests {
    enum Plant: CaseIterable, Sendable {
        case symbolicLink, danglingLink, linkToDevice, fifo, socket, device, directory, fullDirectory, hardLink, huge, tooLarge,
            unreadableName
    }

    /// Plants something under a name that a host could give, and says what it must be taken for.
    func plant(_ plant: Plant, in path: String, as text: String, limit: Int) throws -> PadFileFault {
        let target = "\(path)/\(text)"
        switch plant {
        case .symbolicLink:
            try #require(symlink("/etc/passwd", target) == 0)
            return .notRegular
        case .danglingLink:
            try #require(symlink("nowhere", target) == 0)
            return .notRegular
        case .linkToDevice:
            try #require(symlink("/dev/zero", target) == 0)
            return .notRegular
        case .fifo:
            try #require(mkfifo(target, 0o666) == 0)
            return .notRegular
        case .socket:
            try #require(mknod(target, S_IFSOCK | 0o666, 0) == 0)
            return .notRegular
        case .device:
            // /dev/zero; needs root, and a file system mounted with nodev refuses to open it.
            try #require(mknod(target, S_IFCHR | 0o666, 1 << 8 | 5) == 0)
            return .notRegular
        case .directory:
            try #require(mkdir(target, 0o777) == 0)
            return .notRegular
        case .fullDirectory:
            try makeDirectories("\(target)/a/b/c")
            try replaceFile("\(target)/a/b/file", with: [1])
            return .notRegular
        case .hardLink:
            try replaceFile("\(path)/../../victim", with: [1])
            try #require(link("\(path)/../../victim", target) == 0)
            return .linked(names: 2)
        case .huge:
            let file = try FileDescriptor(opening: target, flags: O_RDWR | O_CREAT, mode: 0o666)
            try #require(ftruncate(file.number, 1 << 40) == 0)
            return .tooLarge(bytes: 1 << 40, limit: limit)
        case .tooLarge:
            let file = try FileDescriptor(opening: target, flags: O_RDWR | O_CREAT, mode: 0o666)
            try #require(ftruncate(file.number, off_t(limit + 1)) == 0)
            return .tooLarge(bytes: Int64(limit + 1), limit: limit)
        case .unreadableName:
            let odd: [UInt8] = [0xFF, 0xFE, UInt8(ascii: "\n"), 0x1B, UInt8(ascii: "%")]
            let file = PadName(bytes: odd)
            let directory = try FileDescriptor(directory: path)
            let number = try #require(file).withCString { quartermaster_openat(directory.number, $0, O_WRONLY | O_CREAT, 0o666) }
            _ = FileDescriptor(owning: number, path: "odd")
            return .oddName
        }
    }

    @Test(arguments: Plant.allCases.filter { $0 != .device })
    func `what is planted is named for what it is, quarantined, and in nobody's way`(plant kind: Plant) throws { try meet(kind) }

    @Test(.enabled(if: geteuid() == 0, "by design: only root makes device nodes"))
    func `a device node is quarantined too`() throws { try meet(.device) }

    private func meet(_ kind: Plant) throws {
        var pad = try TestPad()
        let limit = pad.header.limits.messageBytes
        let planted = MessageFileName(sender: try fingerprint(1), sequence: 1)
        let fault = try plant(kind, in: "\(pad.path)/in", as: planted.name.description, limit: limit)
        _ = try pad.host().publish([7], sender: fingerprint(2), sequence: 1)
        let files = try pad.controller.collect(.init(), elapsed: .zero, now: pad.now).files
        #expect(files.count == 2)
        #expect(files.contains { $0.bytes == [7] })
        let odd = try #require(files.first { $0.bytes == nil })
        #expect(odd.content == .fault(fault))
        #expect(try pad.controller.quarantine(odd, now: pad.now))
        #expect(try pad.medium.names(in: .incoming, limit: 10).count == 1)
        // What is kept can be thrown away again, whatever it is.
        _ = try pad.controller.purge()
        #expect(try pad.medium.names(in: .quarantine, limit: 10).isEmpty)
        if kind == .symbolicLink { #expect(access("/etc/passwd", F_OK) == 0) }
    }

    @Test(arguments: ["in", "out", "bad"])
    func `a link in a folder's place is moved aside, and nothing behind it touched`(folder: String) throws {
        var pad = try TestPad()
        let elsewhere = "\(pad.path)-elsewhere"
        try makeDirectories(elsewhere)
        try replaceFile("\(elsewhere)/precious.p7m", with: [1])
        try #require(rename("\(pad.path)/\(folder)", "\(pad.path)/gone") == 0)
        try #require(symlink(elsewhere, "\(pad.path)/\(folder)") == 0)
        #expect(try pad.controller.collect(.init(), elapsed: .zero, now: pad.now).files.isEmpty)
        _ = try pad.controller.repair(pad.header, keys: pad.test.keys)
        try pad.controller.deliver([1], as: name("reply.p7m"), to: fingerprint(1))
        let file = CollectedFile(name: try name("odd"), content: .fault(.oddName))
        try pad.medium.write([0], as: file.name, in: .incoming, durably: false)
        #expect(try pad.controller.quarantine(file, now: pad.now))
        #expect(try DirectoryMedium(path: elsewhere).names(in: .root, limit: 10) == [name("precious.p7m")])
        #expect(try pad.medium.names(in: .root, limit: 20).contains { $0.description.hasPrefix(".aside-") })
    }

    @Test func `a link in the place of a host's folder is moved aside when a reply is delivered`() throws {
        var pad = try TestPad()
        let elsewhere = "\(pad.path)-elsewhere"
        try makeDirectories(elsewhere)
        let key = try fingerprint(1)
        try #require(symlink(elsewhere, "\(pad.path)/out/\(key.hexadecimal)") == 0)
        try pad.controller.deliver([1], as: name("reply.p7m"), to: key)
        #expect(try DirectoryMedium(path: elsewhere).names(in: .root, limit: 10).isEmpty)
        #expect(try pad.host().replies(for: key).map(\.bytes) == [[1]])
    }

    @Test func `a host reads no planted reply through a link`() throws {
        let pad = try TestPad()
        let key = try fingerprint(1)
        try makeDirectories("\(pad.path)/out/\(key.hexadecimal)")
        try #require(symlink("/etc/passwd", "\(pad.path)/out/\(key.hexadecimal)/a.p7m") == 0)
        try #require(mkfifo("\(pad.path)/out/\(key.hexadecimal)/b.p7m", 0o666) == 0)
        #expect(try pad.host().replies(for: key).map(\.content) == [.fault(.notRegular), .fault(.notRegular)])
    }

    @Test func `a header that is a link or a FIFO is not read`() throws {
        for isLink in [true, false] {
            let pad = try TestPad()
            try #require(unlink("\(pad.path)/pad.p7s") == 0)
            if isLink {
                try #require(symlink("/etc/passwd", "\(pad.path)/pad.p7s") == 0)
            } else {
                try #require(mkfifo("\(pad.path)/pad.p7s", 0o666) == 0)
            }
            #expect(throws: PadError.header(.unsafeFile(.notRegular))) { try pad.host() }
        }
    }

    @Test func `a file that is swapped while it is open is read from the one that was opened`() throws {
        let pad = try TestPad()
        let directory = try FileDescriptor(directory: "\(pad.path)/in")
        let first = [UInt8](repeating: 1, count: 1 << 20)
        try directory.replace("a", with: first)
        let file = try directory.open(beneath: "a", flags: O_RDONLY)
        try directory.replace("a", with: [2])
        #expect(try file.readAll(limit: 2 << 20) == first)
        #expect(try pad.medium.read(name("a"), in: .incoming, limit: 10) == .content([2]))
    }

    @Test func `names with odd bytes are printed without harm`() throws {
        let odd = try #require(PadName(bytes: [0x1B, UInt8(ascii: "["), UInt8(ascii: "\\"), 0xFF, UInt8(ascii: "a")]))
        #expect(odd.description == "\\x1b[\\x5c\\xffa")
        for bytes in [[], [0x2E], [0x2E, 0x2E], [0x61, 0], [0x61, 0x2F], [UInt8](repeating: 0x61, count: 256)] as [[UInt8]] {
            #expect(PadName(bytes: bytes) == nil)
        }
    }

    @Test func `a pad that is gone is said to be gone, and is itself again when it comes back`() throws {
        var pad = try TestPad()
        try #require(rename(pad.path, "\(pad.path)-away") == 0)
        #expect(throws: PadError.gone(path: "in")) { try pad.controller.collect(.init(), elapsed: .zero, now: pad.now) }
        #expect(throws: PadError.self) { try pad.host().publish([1], sender: fingerprint(1), sequence: 1) }
        try #require(rename("\(pad.path)-away", pad.path) == 0)
        _ = try pad.host().publish([1], sender: fingerprint(1), sequence: 1)
        #expect(try pad.controller.collect(.init(), elapsed: .zero, now: pad.now).files.count == 1)
    }

    @Test func `another directory mounted in the pad's place is not taken for it`() throws {
        var pad = try TestPad()
        #expect(try pad.controller.collect(.init(), elapsed: .zero, now: pad.now).files.isEmpty)
        try #require(rename(pad.path, "\(pad.path)-away") == 0)
        try makeDirectories("\(pad.path)/in")
        #expect(throws: PadError.header(.missing)) { try pad.controller.collect(.init(), elapsed: .seconds(1), now: pad.now) }
        try replaceFile("\(pad.path)/pad.p7s", with: [1])
        #expect(throws: PadError.self) { try pad.controller.collect(.init(), elapsed: .seconds(2), now: pad.now) }
    }
}
