import Identifiers
import Testing

@testable import ScratchPad

@Suite struct PollingRuleTests {
    let start = Timestamp(seconds: 1_795_246_200)

    /// A folder changed `age` before the start.
    func stamp(age: Duration, inode: UInt64 = 1) -> FolderStamp {
        FolderStamp(device: 1, inode: inode, modified: (start - age).microseconds * 1000)
    }

    /// The seconds at which a folder that never changes is looked into, when it is polled each second.
    func looks(_ stamp: FolderStamp, phase: Duration = .zero, seconds: Range<Int64>) -> [Int64] {
        var rule = PollingRule(phase: phase)
        return seconds.filter { second in
            let elapsed = Duration.seconds(second)
            guard rule.mustLook(stamp, elapsed: elapsed, now: start + elapsed) else { return false }
            rule.looked(at: elapsed)
            return true
        }
    }

    @Test func `an old folder is looked into until two seconds have passed, then every thirty seconds`() {
        #expect(looks(stamp(age: .seconds(3600)), seconds: 0..<100) == [0, 1, 2, 3, 30, 60, 90])
    }

    @Test func `a folder that just changed is looked into while its time is not older than two seconds`() {
        #expect(looks(stamp(age: .zero), seconds: 0..<30) == [0, 1, 2, 3])
        #expect(looks(stamp(age: .seconds(-5)), seconds: 0..<30) == [0, 1, 2, 3, 4, 5, 6, 7])
    }

    @Test func `a phase keeps the full looks of many pads apart`() {
        #expect(looks(stamp(age: .seconds(3600)), phase: .seconds(10), seconds: 0..<70) == [0, 1, 2, 3, 20, 50])
    }

    @Test func `another time or another folder is looked into at once`() {
        var rule = PollingRule()
        let old = stamp(age: .seconds(3600))
        for second in 0..<5 as Range<Int64> {
            if rule.mustLook(old, elapsed: .seconds(second), now: start + .seconds(second)) { rule.looked(at: .seconds(second)) }
        }
        let looks1 = rule.mustLook(old, elapsed: .seconds(5), now: start + .seconds(5))
        #expect(!looks1)
        var other = rule
        let looks2 = rule.mustLook(stamp(age: .seconds(3599)), elapsed: .seconds(6), now: start + .seconds(6))
        #expect(looks2)
        let looks3 = other.mustLook(stamp(age: .seconds(3600), inode: 2), elapsed: .seconds(6), now: start + .seconds(6))
        #expect(looks3)
    }

    @Test func `a change that bears the time of the look before it is found`() {
        // Times of whole seconds: written at 0.2 and at 0.8, looked at 0.5.
        var rule = PollingRule()
        let coarse = stamp(age: .zero)
        let looks4 = rule.mustLook(coarse, elapsed: .milliseconds(500), now: start + .milliseconds(500))
        #expect(looks4)
        rule.looked(at: .milliseconds(500))
        let looks5 = rule.mustLook(coarse, elapsed: .milliseconds(1500), now: start + .milliseconds(1500))
        #expect(looks5)
    }
}
