import Glibc
import Synchronization
import Testing

@testable import Initiator

@Suite struct NameResolverTests {
    /// Waits on the descriptor, as the loop does.
    private func results(_ resolver: NameResolver, count: Int) throws -> [Int: NameResolver.Outcome] {
        var found: [Int: NameResolver.Outcome] = [:]
        let end = ContinuousClock.now + .seconds(120)
        while found.count < count, ContinuousClock.now < end {
            var waiting = pollfd(fd: resolver.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&waiting, 1, 1_000)
            var value: UInt64 = 0
            _ = read(resolver.descriptor, &value, 8)
            for (number, outcome) in resolver.results() { found[number] = outcome }
        }
        return found
    }

    @Test func aNameBecomesAddresses() throws {
        let resolver = try NameResolver()
        resolver.begin("localhost", number: 7)
        let found = try results(resolver, count: 1)
        guard case .addresses(let addresses)? = found[7] else {
            Issue.record("localhost is \(found)")
            return
        }
        #expect(addresses.filter { !$0.isLoopback }.isEmpty)
    }

    @Test func namesAreLookedUpTogetherWithinOneTime() throws {
        let hangs = Mutex(true)
        let found = NameResolver.lookUp((0..<8).map { "hangs\($0)" } + ["other"], within: .milliseconds(50)) { name in
            while name != "other", hangs.withLock({ $0 }) { usleep(1_000) }
            return .failed(name)
        }
        hangs.withLock { $0 = false }
        #expect(found.count == 9 && found["hangs7"] == .failed("no answer within 0.05 seconds"), "\(found)")
    }

    @Test func aNameThatHangsHoldsNoOtherBack() throws {
        let hangs = Mutex(true)
        let resolver = try NameResolver { name in
            while name == "hangs", hangs.withLock({ $0 }) { usleep(1_000) }
            return .failed(name)
        }
        resolver.begin("hangs", number: 0)
        for number in 1...40 { resolver.begin("name \(number)", number: number) }
        let found = try results(resolver, count: 40)
        #expect(found[0] == nil)
        #expect(found[40] == .failed("name 40"))
        hangs.withLock { $0 = false }
        #expect(try results(resolver, count: 1)[0] == .failed("hangs"))
    }
}
