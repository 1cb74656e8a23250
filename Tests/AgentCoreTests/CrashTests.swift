import Files
import Identifiers
import Inventory
import Messages
import Testing

@testable import AgentCore

/// A host's life, broken off after its n-th durable step for every n, and taken up again as an administrator or the service manager would.
@Suite struct CrashTests {
    /// Registers, tells a change, rotates its key, and leaves. What is done already is not done again.
    private func live(_ host: TestHost) throws {
        let account = try host.account
        var hasLeft: Bool { !host.controller.messages(.farewell).isEmpty }
        if try host.enrolment.standing(pad: host.padDirectory, account: account) == .open, !hasLeft {
            try host.enrolment.send(host.request(), credential: TestHost.password("correct"))
        }
        guard let directory = try host.stateDirectory.registration(pad: host.padDirectory, account: account) else {
            try host.stateDirectory.removeLeftOvers()
            return
        }
        if try directory.load()?.phase == .registering {
            let outcome = try host.enrolment.wait(pad: host.padDirectory, account: account, timeout: .seconds(60))
            guard case .accepted = outcome else {
                Issue.record("not accepted: \(outcome)")
                return
            }
        }
        if try host.state().phase == .registered {
            if host.facts.blockDevices.isEmpty {
                host.facts.blockDevices = [Inventory.BlockDevice(name: "sda", kind: "disk")]
                try host.controller.instruct(.rotateKeys, to: host.state().key.fingerprint, now: host.clock.now)
            }
            // The renewal with the new key goes alone, what changed after it.
            try host.report(timeout: .seconds(60))
            try host.report(timeout: .seconds(60))
        }
        try Departure(context: host.context).leave(directory, reason: nil, timeout: .seconds(60))
    }

    @Test func `after a crash at any step the next run completes, and nothing is lost or done twice`() throws {
        var step = 0
        var isBrokenOff = true
        while isBrokenOff {
            step += 1
            isBrokenOff = false
            try TestHost.with { host in
                host.breakAt.value.withLock { $0 = step }
                var brokenAt = ""
                for _ in 0..<3 {
                    do {
                        try live(host)
                        break
                    } catch AgentError.interrupted(let name) {
                        isBrokenOff = true
                        brokenAt = "\(name) (step \(step))"
                        // The crash may have come between a reply and its acknowledgement: time goes on.
                        host.clock.advance(.seconds(30))
                    }
                }
                check(host, brokenAt)
                #expect(try FileDescriptor(directory: "\(host.stateDirectory.path)/registrations").names() == [], "\(brokenAt)")
            }
        }
        #expect(step > 30)
    }

    private func check(_ host: TestHost, _ at: String) {
        let controller = host.controller
        #expect(controller.messages(.registration).count == 1, "\(at)")
        #expect(controller.messages(.renewal).count == 1, "\(at)")
        #expect(controller.messages(.farewell).count == 1, "\(at)")
        let told = controller.messages(.inventory).compactMap { message in
            if case .inventory(let report) = message.body { report.digest } else { nil }
        }
        #expect(told == [host.facts.digest], "\(at)")
        let envelopes = controller.taken.map(\.envelope)
        #expect(Set(envelopes.map(\.sequence)).count == envelopes.count, "\(at)")
        let predecessors = envelopes.compactMap(\.previous)
        #expect(Set(predecessors).count == predecessors.count, "a fork, \(at)")
    }
}
