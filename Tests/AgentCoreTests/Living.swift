import AgentCore

/// Works whenever something is due, and looks at the links whenever it is time, with the controller looking between, until `duration` is over. Returns how often it woke.
@discardableResult
func live(_ rounds: inout Rounds, _ host: TestHost, _ duration: Duration) throws -> Int {
    let end = host.clock.uptime + duration
    var wakes = 0
    while true {
        let next = min(rounds.next, rounds.nextLook ?? rounds.next)
        guard next <= end else { break }
        host.clock.advance(max(.zero, next - host.clock.uptime))
        rounds.takeDeviceEvents()
        if rounds.isDue { rounds.work() }
        wakes += 1
        try host.controller.pass(now: host.clock.now)
    }
    host.clock.advance(end - host.clock.uptime)
    return wakes
}
