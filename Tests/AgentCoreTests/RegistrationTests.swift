import Files
import Glibc
import Identifiers
import Messages
import ScratchPad
import Sealing
import Testing

@testable import AgentCore

@Suite struct RegistrationTests {
    @Test func `a host is registered, and knows its certificate`() throws {
        try TestHost.with { host in
            guard case .accepted(let membership) = try host.register() else {
                Issue.record("the registration was not accepted")
                return
            }
            #expect(membership.hostID.text == "host-7")
            let state = try host.state()
            #expect(state.phase == .registered)
            #expect(state.pad.controllerKey == host.controller.fingerprint)
            let certificate = try Certificate(der: try #require(membership.certificates.first))
            #expect(certificate.fingerprint == state.key.fingerprint && certificate.role == .host)
            #expect(try host.enrolment.standing(pad: host.padDirectory, account: host.account) == .accepted(membership))
            try host.settle()
            #expect(host.controller.acknowledged.values.map(\.outcome) == [.received])
            #expect(try host.state().outbox.isEmpty)
        }
    }

    @Test func `everything in the state directory is the agent's alone, and no secret is in it or in the open on the pad`() throws {
        try TestHost.with { host in
            host.controller.decide = { _ in nil }
            try host.enrolment.send(host.request(), credential: TestHost.password("open-sesame-1234"))
            var paths = [host.stateDirectory.path, host.padDirectory]
            var files = 0
            while let path = paths.popLast() {
                var status = stat()
                #expect(lstat(path, &status) == 0)
                if status.st_mode & S_IFMT == S_IFDIR {
                    paths += try FileDescriptor(directory: path).names().map { "\(path)/\($0)" }
                    if path.hasPrefix(host.stateDirectory.path) { #expect(status.st_mode & 0o777 == 0o700, "\(path)") }
                    continue
                }
                files += 1
                if path.hasPrefix(host.stateDirectory.path) { #expect(status.st_mode & 0o777 == 0o600, "\(path)") }
                let text = String(decoding: try readFile(path), as: UTF8.self)
                #expect(!text.contains("sesame"), "\(path)")
                #expect(!text.contains(Base64.encode(Array("open-sesame-1234".utf8))), "\(path)")
            }
            #expect(files >= 4)
        }
    }

    @Test func `a wrong password is refused with its reason, and the right one is accepted afterwards`() throws {
        try TestHost.with { host in
            guard case .refused(let obstacle) = try host.register(password: "wrong") else {
                Issue.record("the wrong password was not refused")
                return
            }
            #expect(obstacle.reason == "bad-credentials")
            let error = AgentError.refused(reason: obstacle.reason, text: obstacle.text)
            #expect(error.exitStatus == .refused)
            #expect("\(error)" == "refused (bad-credentials): account, domain, user or password is wrong")
            #expect(try host.enrolment.standing(pad: host.padDirectory, account: host.account) == .open)
            guard case .accepted = try host.register() else {
                Issue.record("the right password was not accepted")
                return
            }
            #expect(try host.stateDirectory.registrations().count == 1)
        }
    }

    @Test func `without an answer in time waiting goes on later, without the password`() throws {
        try TestHost.with { host in
            host.controller.isAway = true
            #expect(throws: AgentError.noAnswer(directory: host.padDirectory, after: "10s")) { try host.register() }
            #expect(AgentError.noAnswer(directory: "/pad", after: "10s").exitStatus == .noAnswer)
            #expect(try host.enrolment.standing(pad: host.padDirectory, account: host.account) == .waiting)
            host.controller.isAway = false
            guard case .accepted = try host.enrolment.wait(pad: host.padDirectory, account: host.account, timeout: .seconds(10)) else {
                Issue.record("the registration was not accepted")
                return
            }
            #expect(host.controller.messages(.registration).count == 1)
        }
    }

    @Test func `trust on first use takes a token, never a password, and says what it trusted`() throws {
        try TestHost.with { host in
            #expect(throws: AgentError.trustOnFirstUseWithPassword) {
                try host.enrolment.send(host.request(trust: .onFirstUse), credential: TestHost.password("correct"))
            }
            #expect(try host.stateDirectory.registrations().isEmpty)
            try host.enrolment.send(host.request(trust: .onFirstUse), credential: .token(Array("correct".utf8)))
            guard case .accepted = try host.enrolment.wait(pad: host.padDirectory, account: host.account, timeout: .seconds(10)) else {
                Issue.record("the token was not accepted")
                return
            }
            #expect(try host.state().pad.isTrustedOnFirstUse)
            #expect(host.lines.value.withLock { $0 }.contains { $0.contains("trusting the controller \(host.controller.fingerprint)") })
        }
    }

    @Test func `a pad of another controller is not believed, and nothing is left on it`() throws {
        try TestHost.with { host in
            let other = try #require(Fingerprint(bytes: [UInt8](repeating: 7, count: 32)))
            let expected = AgentError.padNotBelieved(
                directory: host.padDirectory, reason: "it is signed by the controller \(host.controller.fingerprint), not by \(other)")
            #expect(throws: expected) {
                try host.enrolment.send(host.request(trust: .pinned(other)), credential: TestHost.password("correct"))
            }
            #expect(expected.exitStatus == .refused)
            #expect(try FileDescriptor(directory: "\(host.padDirectory)/in").names() == [])
        }
    }

    @Test func `a directory that is no pad is unavailable, and the message says what to look at`() throws {
        try TestHost.with { host in
            var request = try host.request()
            request.pad = host.directory
            let expected = AgentError.padUnavailable(
                directory: host.directory, reason: "pad.p7s is not there; is this a pad, and is the file system mounted?")
            #expect(throws: expected) { try host.enrolment.send(request, credential: TestHost.password("correct")) }
            #expect(expected.exitStatus == .unavailable)
        }
    }

    @Test(arguments: [Duration.seconds(3_600), .seconds(-3_600)])
    func `a clock an hour off does not matter`(offset: Duration) throws {
        try TestHost.with { host in
            host.clock.set(host.clock.now + offset)
            guard case .accepted = try host.register() else {
                Issue.record("the registration was not accepted")
                return
            }
            try host.report()
            #expect(try host.state().outbox.isEmpty)
        }
    }

    @Test func `a controller restored between the registration and its answer asks for the registration again`() throws {
        try TestHost.with { host in
            host.controller.decide = { _ in .resync(epoch: 2, nextSequence: nil) }
            guard case .refused(let obstacle) = try host.register() else {
                Issue.record("the resync was not told")
                return
            }
            #expect(obstacle.reason == "resync")
            host.controller.decide = { [controller = host.controller, now = host.clock.now] in controller.usualDecision($0, now: now) }
            try host.controller.raiseEpoch(now: host.clock.now)
            guard case .accepted = try host.register() else {
                Issue.record("the second registration was not accepted")
                return
            }
            #expect(host.controller.messages(.registration).last?.envelope.epoch == 2)
        }
    }

    @Test func `a host may use several pads of several providers`() throws {
        try TestHost.with { host in
            try host.register()
            mkdir("\(host.directory)/pad2", 0o755)
            let second = try TestController(pad: "\(host.directory)/pad2", keys: "\(host.directory)/keys2", now: host.clock.now)
            var request = try host.request(trust: .pinned(second.fingerprint))
            request.pad = "\(host.directory)/pad2"
            try host.enrolment.send(request, credential: TestHost.password("correct"))
            host.clock.onPause = { try second.pass(now: host.clock.now) }
            guard case .accepted = try host.enrolment.wait(pad: request.pad, account: host.account, timeout: .seconds(10)) else {
                Issue.record("the second provider did not accept")
                return
            }
            let keys = try host.stateDirectory.registrations().compactMap { try $0.load()?.key.fingerprint }
            #expect(Set(keys).count == 2)
        }
    }
}
