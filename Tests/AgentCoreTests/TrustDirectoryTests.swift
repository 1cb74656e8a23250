import Files
import Identifiers
import Testing

@testable import AgentCore

/// Whose orders root's helper takes for which host, with a clock that jumps.
@Suite struct TrustDirectoryTests {
    private let now = HostClock.system.now()
    /// A host's clock before it is set from the network.
    private var ahead: Timestamp { now + .seconds(5 * 365 * 86_400) }

    private struct Fixture {
        let host: TestHost
        let trust: TrustDirectory
        var key: Fingerprint { host.controller.fingerprint }

        /// A `register.conf` that is not the one before, with its secret, and changed later than that time.
        func word(
            after before: RegistrationFile? = nil, laterThan time: Timestamp? = nil, isSecretAlone: Bool = false
        ) throws -> RegistrationFile {
            let path = "\(host.directory)/register.conf"
            let text = """
                [registration]
                pad = \(host.padDirectory)
                account = account-1
                token-file = \(host.directory)/token
                controller-key = \(key)

                """
            let end = HostClock.system.uptime() + .seconds(60)
            while true {
                if !isSecretAlone { try replaceFile(path, with: Array(text.utf8)) }
                try replaceFile("\(host.directory)/token", with: Array("token".utf8))
                let file = try #require(try RegistrationFile.load(path, over: AgentConfiguration()))
                // A file system's clock may go by ticks.
                if file.version != before?.version, time.map({ file.changedAt > $0 }) ?? true { return file }
                try #require(HostClock.system.uptime() < end)
            }
        }

        /// With the first order.
        func learn(change: (inout TrustDirectory.Entry) -> Void = { _ in }) throws {
            var entry = try trust.load(key) ?? TrustDirectory.Entry(controllerKey: key)
            entry.hostName = "host-7/account-1"
            change(&entry)
            try trust.save(entry)
        }

        var hostName: String? { get throws { try trust.load(key)?.hostName } }
    }

    private func with(_ body: (Fixture) throws -> Void) throws {
        try TestHost.with { host in try body(Fixture(host: host, trust: TrustDirectory("\(host.directory)/trust"))) }
    }

    @Test func `the same file again changes nothing, and one that was written again, or its secret, does`() throws {
        try with { fixture in
            let first = try fixture.word()
            try fixture.trust.trust(first, at: now)
            try fixture.learn()
            try fixture.trust.trust(first, at: now + .seconds(1))
            try fixture.trust.trust(first, at: ahead)
            #expect(try fixture.hostName != nil)
            let second = try fixture.word(after: first)
            try fixture.trust.trust(second, at: now)
            #expect(try fixture.hostName == nil)
            try fixture.learn()
            let third = try fixture.word(after: second, isSecretAlone: true)
            try fixture.trust.trust(third, at: now)
            #expect(try fixture.hostName == nil)
        }
    }

    @Test func `what was said while the clock was ahead does not outlast what root says later`() throws {
        try with { fixture in
            let first = try fixture.word()
            try fixture.trust.trust(first, at: ahead)
            try fixture.learn()
            let second = try fixture.word(after: first)
            try fixture.trust.trust(second, at: now)
            #expect(try fixture.hostName == nil)
            try fixture.learn { $0.trustedAt = ahead }
            try fixture.trust.trust(fixture.key, at: now)
            #expect(try fixture.hostName == nil)
            #expect(try fixture.trust.load(fixture.key)?.trustedAt == now)
            // As the version before this one left it.
            try fixture.learn { ($0.trustedAt, $0.registrationFile) = (ahead, nil) }
            try fixture.trust.trust(second, at: now)
            #expect(try fixture.hostName == nil)
        }
    }

    @Test func `a file that was there when root registered says nothing new`() throws {
        try with { fixture in
            let file = try fixture.word()
            try fixture.trust.trust(fixture.key, at: now, beside: file)
            try fixture.learn()
            try fixture.trust.trust(file, at: now)
            #expect(try fixture.hostName != nil)
            // One that came afterwards does.
            try fixture.trust.trust(fixture.key, at: now)
            try fixture.learn()
            try fixture.trust.trust(file, at: now)
            #expect(try fixture.hostName == nil)
        }
    }

    @Test func `after an upgrade this host does not forget which one it is, and a file that came with it counts`() throws {
        try with { fixture in
            let file = try fixture.word()
            try makeDirectories(fixture.trust.path)
            try fixture.learn { ($0.trustedAt, $0.registrationFile) = (nil, nil) }
            try fixture.trust.trust(file, at: HostClock.system.now() + .seconds(1))
            #expect(try fixture.hostName != nil)
            #expect(try fixture.trust.load(fixture.key)?.registrationFile == file.version)
            try fixture.learn { ($0.trustedAt, $0.registrationFile) = (nil, nil) }
            let later = try fixture.word(after: file, laterThan: fixture.trust.writtenAt(fixture.key))
            try fixture.trust.trust(later, at: HostClock.system.now() + .seconds(1))
            #expect(try fixture.hostName == nil)
        }
    }
}
