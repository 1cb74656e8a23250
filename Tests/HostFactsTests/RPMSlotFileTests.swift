import Foundation
import HostFacts
import Inventory
import TestPrograms
import Testing

/// RPM's own format: a file that RPM's own functions wrote (Tests/Golden/packages/README.md), and files that nobody should have.
@Suite struct RPMSlotFileTests {
    @Test(arguments: ["usr/lib/sysimage/rpm", "var/lib/rpm"])
    func aFileThatRPMWroteIsRead(directory: String) throws {
        let tree = try TreeBuilder()
        try tree.file("\(directory)/Packages.db", bytes: try Self.written())
        let inventory = try HostReader(sysroot: tree.root).inventory(level: .applications)
        #expect(
            inventory.applications == [
                Inventory.Application(name: "mariadb", version: "2:10.11.9-150600.4.3", evidence: "package mariadb-server"),
                Inventory.Application(name: "postgresql", version: "16.4-150600.1.1", evidence: "package postgresql-server"),
            ])
        #expect(inventory.problems.isEmpty)
    }

    @Test func everyPackageIsFoundAndNoneThatWasErased() throws {
        let (headers, fault) = Self.headers(try Self.written())
        #expect(fault == nil && headers.count == 302 && headers.filter { $0.name == "bash" }.count == 300)
        #expect(!headers.contains { $0.name == "docker" })
    }

    /// What is put where, and what is said of it; how many of two packages are found all the same.
    static let damages: [(change: @Sendable (inout [UInt8]) -> Void, found: Int, reason: String)] = [
        ({ $0 = [] }, 0, "it ends 32 bytes too early, at 0"),
        ({ $0[3] = 0x51 }, 0, "it begins with \"RpmQ\\x00\\x00\\x00\\x00\", expected \"RpmP\" and version 0"),
        (
            { $0[4] = 1 }, 0,
            "it begins with \"RpmP\\x01\\x00\\x00\\x00\", expected \"RpmP\" and version 0"
        ),
        ({ $0[12] = 0 }, 0, "0 pages of slots in 4224 bytes, expected 1 to 1024"),
        ({ $0.replaceSubrange(12..<16, with: [255, 255, 255, 255]) }, 0, "4294967295 pages of slots in 4224 bytes, expected 1 to 1024"),
        ({ $0[12] = 2 }, 0, "2 pages of slots in 4224 bytes, expected 1 to 1024"),
        ({ $0[4080] = 0 }, 2, "byte 4080 begins no slot"),
        ({ $0[48] = 0 }, 1, "byte 48 begins no slot"),
        (
            { $0.replaceSubrange(40..<48, with: [UInt8](repeating: 255, count: 8)) }, 1,
            "package 1: 68719476720 bytes from 68719476720 on, of 4224"
        ),
        ({ $0[44] = 0 }, 1, "package 1: 0 bytes from 4096 on, of 4224"),
        ({ $0[36] = 7 }, 1, "package 7: another begins at byte 4096"),
        ({ $0[4096] = 0 }, 1, "package 1: another begins at byte 4096"),
        ({ $0[4108] = 49 }, 1, "package 1: a header of 49 bytes in 64"),
        ({ $0.replaceSubrange(4108..<4112, with: [255, 255, 255, 255]) }, 1, "package 1: a header of 4294967295 bytes in 64"),
        ({ $0[4108] = 4 }, 1, "the header of package 1: 4 bytes, expected 8 at least"),
        ({ $0[4115] = 9 }, 1, "the header of package 1: 9 entries and 5 bytes of data do not fit in 29 bytes"),
    ]

    @Test func aBlockThatAllSlotsPointAtIsReadOnce() {
        var file = Self.file(["bash", "dash"])
        file.replaceSubrange(48..<64, with: file[32..<48])
        let (headers, fault) = Self.headers(file)
        #expect(headers.map(\.name) == ["bash"] && fault?.reason == "package 1: byte 4096 belongs to another")
    }

    @Test(arguments: damages.indices)
    func whatIsDamagedIsSaidAndHidesNoOtherPackage(index: Int) {
        let damage = Self.damages[index]
        var file = Self.file(["bash", "dash"])
        damage.change(&file)
        let (headers, fault) = Self.headers(file)
        #expect(headers.count == damage.found && fault?.reason == damage.reason)
    }

    @Test func aDamagedFileIsAProblem() throws {
        let tree = try TreeBuilder()
        try tree.file("usr/lib/sysimage/rpm/Packages.db", "x")
        let problems = try HostReader(sysroot: tree.root).inventory(level: .applications).problems
        #expect(problems.map(\.path) == ["/usr/lib/sysimage/rpm/Packages.db"])
        #expect(problems.first?.reason == "malformed: it ends 31 bytes too early, at 1")
    }

    @Test func aFileThatChangesMeanwhileIsReadOnceMore() {
        let (old, new) = (Self.file(["bash"], generation: 1), Self.file(["bash", "dash"], generation: 2))
        var heads = 0
        let file = RPMSlotFile(size: Int64(new.count)) { offset, buffer in
            if buffer.count == 32 { heads += 1 }
            let bytes = (heads <= 1 ? old : new).dropFirst(Int(offset)).prefix(buffer.count)
            buffer.copyBytes(from: bytes)
            return .success(bytes.count)
        }
        #expect(file.headers().headers.compactMap(\.name) == ["bash", "dash"] && heads == 4)
    }

    @Test func aFileThatNeverComesToRestIsReadAllTheSame() {
        var generation: UInt8 = 0
        let file = RPMSlotFile(size: 8192) { offset, buffer in
            generation += 1
            let bytes = Self.file(["bash"], generation: generation).dropFirst(Int(offset)).prefix(buffer.count)
            buffer.copyBytes(from: bytes)
            return .success(bytes.count)
        }
        #expect(file.headers().headers.compactMap(\.name) == ["bash"] && generation < 40)
    }

    // MARK: Files

    private static func headers(_ bytes: [UInt8]) -> (headers: [RPMHeader], fault: RPMHeader.Fault?) {
        RPMSlotFile(size: Int64(bytes.count)) { offset, buffer in
            let bytes = bytes.dropFirst(Int(offset)).prefix(buffer.count)
            buffer.copyBytes(from: bytes)
            return .success(bytes.count)
        }.headers()
    }

    private static func written() throws -> [UInt8] {
        let archive = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Golden/packages/rpm-slots.xz").path
        let (status, output) = try ChildProcess.run("/usr/bin/xz", ["-dc", archive])
        try #require(status == 0, "xz cannot unpack \(archive)")
        return Array(output)
    }

    /// One page of slots, and packages of names with four bytes, each in four blocks.
    private static func file(_ names: [String], generation: UInt8 = 1) -> [UInt8] {
        var page = Array("RpmP".utf8) + [0, 0, 0, 0, generation, 0, 0, 0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
        var blocks: [UInt8] = []
        for (index, name) in names.enumerated() {
            page += Array("Slot".utf8) + [UInt8(index + 1), 0, 0, 0, UInt8(index * 4), 1, 0, 0, 4, 0, 0, 0]
            let header = [0, 0, 0, 1, 0, 0, 0, 5] + [0, 0, 3, 0xE8, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1] + Array(name.utf8) + [0]
            let blob = Array("BlbS".utf8) + [UInt8(index + 1), 0, 0, 0, 9, 9, 9, 9, UInt8(header.count), 0, 0, 0] + header
            blocks += blob + [UInt8](repeating: 0, count: 64 - blob.count)
        }
        while page.count < 4096 { page += Array("Slot".utf8) + [UInt8](repeating: 0, count: 12) }
        return page + blocks
    }
}
