import Glibc
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

    @Test(arguments: [Int64.min, -2_177_452_800_000_000_000, 0, 9_000_000_000_000_000_000, .max])
    func `a folder may bear any time at all`(modified: Int64) {
        let odd = FolderStamp(device: 1, inode: 1, modified: modified)
        for now in [Timestamp(microseconds: .min), Timestamp(microseconds: 0), start, Timestamp(microseconds: .max)] {
            var rule = PollingRule()
            for second in 0..<40 as Range<Int64> {
                if rule.mustLook(odd, elapsed: .seconds(second), now: now) { rule.looked(at: .seconds(second)) }
            }
            let isFullLookDue = rule.mustLook(odd, elapsed: .seconds(70), now: now)
            #expect(isFullLookDue)
        }
    }

    private static let times: [(Int64, Int64, Int64)] = [
        (-2_177_452_800, 5, -2_177_452_799_999_999_995), (10_413_792_000, 5, Int64.max), (-20_000_000_000, 999_999_999, Int64.min),
        (Int64.max, 999_999_999, Int64.max), (Int64.min, 0, Int64.min), (9_223_372_036, 854_775_807, Int64.max),
        (9_223_372_036, 999_999_999, Int64.max),
    ]

    @Test(arguments: times)
    func `a time that no nanoseconds count is the nearest one`(seconds: Int64, nanoseconds: Int64, modified: Int64) {
        #expect(FolderStamp(device: 1, inode: 1, seconds: seconds, nanoseconds: nanoseconds).modified == modified)
    }

    @Test func `a folder on storage whose time was set to 1901 or to 2300 has a stamp`() throws {
        let pad = try TestPad(.directory)
        let directory = try #require(pad.directory).path
        for seconds in [-2_177_452_800, 10_413_792_000, 15_000_000_000] {
            var times = [timespec(tv_sec: seconds, tv_nsec: 7), timespec(tv_sec: seconds, tv_nsec: 7)]
            #expect(utimensat(AT_FDCWD, "\(directory)/pad/in", &times, 0) == 0)
            #expect(try pad.medium.stamp(.incoming) != nil)
        }
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
