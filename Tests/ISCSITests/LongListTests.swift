import ISCSI
import Identifiers
import Testing

/// Lists as long as a portal may send them, and longer.
@Suite struct LongListTests {
    private static func list(targets: Int, addresses: Int, repeats: Int = 0) -> [UInt8] {
        var bytes: [UInt8] = []
        for target in 0..<targets {
            bytes += "TargetName=iqn.2026-11.lab.example:t\(target)\0".utf8
            for number in 0..<addresses { bytes += "TargetAddress=10.\(number >> 8).\(number & 255).1:3260,1\0".utf8 }
            for number in 0..<repeats { bytes += "TargetAddress=10.15.\(254 + (number & 1)).1:3260,1\0".utf8 }
        }
        return bytes
    }

    @Test(.timeLimit(.minutes(2))) func aListTakesTimeByItsLengthAndNotByItsSquare() throws {
        let text = try SendTargetsText(Self.list(targets: 16, addresses: 4096))
        #expect(text.targets.map(\.portals.count) == [Int](repeating: 4096, count: 16))
        let repeated = try SendTargetsText(Self.list(targets: 1, addresses: 4096, repeats: 400_000))
        #expect(repeated.targets.map(\.portals.count) == [4096])
        #expect(Set(repeated.targets[0].portals).count == 4096)
    }

    @Test func portalsAreBoundedForOneTargetAndForAllAndTheRestIsListed() throws {
        let one = try SendTargetsText(Self.list(targets: 2, addresses: 4097))
        #expect(one.targets.map(\.portals.count) == [4096, 4096])
        #expect(one.bounds == [ReachedBound("portals of one target", limit: 4096)])
        let all = try SendTargetsText(Self.list(targets: 18, addresses: 4096))
        #expect(all.targets.map(\.portals.count) == [Int](repeating: 4096, count: 16) + [0, 0])
        #expect(all.bounds.map(\.description) == ["more than 65536 portals of all targets together"])
    }

    @Test func targetsAndWhatIsNoneAreBoundedAndTheRestIsListed() throws {
        let targets = try SendTargetsText(Self.list(targets: 65_538, addresses: 0))
        #expect(targets.targets.count == 65_536 && targets.bounds == [ReachedBound("targets of one portal", limit: 65_536)])
        var bytes: [UInt8] = []
        for number in 0..<1026 { bytes += "TargetName=no name \(number)\0".utf8 }
        let wrong = try SendTargetsText(bytes + Self.list(targets: 3, addresses: 1))
        #expect(wrong.unusable.count == 1024 && wrong.targets.count == 3)
        #expect(wrong.bounds == [ReachedBound("names and addresses that are none", limit: 1024)])
        let long = "TargetAlias=" + String(repeating: "x", count: 8193) + "\0"
        let cut = try SendTargetsText(Self.list(targets: 2, addresses: 1) + Array(long.utf8))
        #expect(cut.targets.count == 2 && cut.bounds == [ReachedBound("bytes in the value of TargetAlias", limit: 8192)])
    }

    @Test func aPortalThatTakesNoSendTargetsHasNoEmptyList() throws {
        #expect(throws: ISCSIFault.violation(expected: "targets", found: "SendTargets=Reject")) {
            try SendTargetsText(Array("SendTargets=Reject\0".utf8))
        }
    }

    @Test func whatNobodySeesOfANameIsShown() {
        #expect(WireText.excerpt("iqn.2026-11.lab.example:\u{200B}\u{AD}b") == #"iqn.2026-11.lab.example:\x200b\xadb"#)
    }
}
