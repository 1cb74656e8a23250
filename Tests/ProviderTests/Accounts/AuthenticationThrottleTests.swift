import Identifiers
import Provider
import Testing

@Suite struct ThrottleRule {
    private let start = Timestamp(seconds: 1_795_248_000)

    @Test func `ten failures are free, then waits double up to an hour`() {
        let waits = (0...30).map { AuthenticationThrottle.wait(afterFailures: $0) }
        #expect(waits[...10].allSatisfy { $0 == .zero })
        #expect(waits[11] == .seconds(1))
        #expect(waits[12] == .seconds(2))
        #expect(waits[22] == .seconds(2_048))
        #expect(waits[23...].allSatisfy { $0 == .seconds(3_600) })
        #expect(AuthenticationThrottle.wait(afterFailures: Int64.max) == .seconds(3_600))
    }

    @Test func `a wait ends at its moment`() {
        let throttle = AuthenticationThrottle(failures: 13, lastFailureAt: start)
        #expect(throttle.waitsUntil(at: start) == start + .seconds(4))
        #expect(throttle.waitsUntil(at: start + .milliseconds(3_999)) == start + .seconds(4))
        #expect(throttle.waitsUntil(at: start + .seconds(4)) == nil)
    }

    @Test func `failures are forgotten after a day without one`() {
        let throttle = AuthenticationThrottle(failures: 100, lastFailureAt: start)
        let day = start + .seconds(86_400)
        #expect(throttle.isForgotten(at: day))
        #expect(!throttle.isForgotten(at: day - .seconds(1)))
        #expect(AuthenticationThrottle.afterFailure(throttle, at: day).failures == 1)
        #expect(AuthenticationThrottle.afterFailure(throttle, at: day - .seconds(1)).failures == 101)
        #expect(AuthenticationThrottle.afterFailure(nil, at: start) == AuthenticationThrottle(failures: 1, lastFailureAt: start))
    }

    @Test func `a clock that goes back shortens no wait`() {
        let throttle = AuthenticationThrottle(failures: 12, lastFailureAt: start)
        let next = AuthenticationThrottle.afterFailure(throttle, at: start - .seconds(500))
        #expect(next == AuthenticationThrottle(failures: 13, lastFailureAt: start))
    }
}
