import AgentCore

/// Works whenever something is due, with the controller looking between, until `duration` is over. Returns how often it woke.
@discardableResult
func live(_ rounds: inout Rounds, _ host: TestHost, _ duration: Duration) throws -> Int {
    let end = host.clock.uptime + duration
    var wakes = 0
    while rounds.next <= end {
        host.clock.advance(max(.zero, rounds.next - host.clock.uptime))
        rounds.work()
        wakes += 1
        try host.controller.pass(now: host.clock.now)
    }
    host.clock.advance(end - host.clock.uptime)
    return wakes
}
