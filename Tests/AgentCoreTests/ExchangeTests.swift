import Files
import Glibc
import Identifiers
import Inventory
import Messages
import ScratchPad
import Sealing
import StrictJSON
import Testing

@testable import AgentCore

@Suite struct ExchangeTests {
    private func initiator(_ iqn: String) throws -> Inventory.Initiator {
        let name: ISCSIName = try #require(ISCSIName(iqn))
        return Inventory.Initiator(transport: .iscsi, iqn: name)
    }

    // MARK: Reports

    @Test func `a host that did not change tells nothing but its free space`() throws {
        try TestHost.with { host in
            try host.register()
            try host.settle()
            #expect(try host.report().sent == [.freeSpace])
            #expect(host.controller.messages(.inventory).isEmpty)
        }
    }

    @Test func `a change is told as a difference to what the controller has`() throws {
        try TestHost.with { host in
            for index in 0..<20 {
                host.facts.blockDevices.append(
                    Inventory.BlockDevice(name: "sd\(Character(UnicodeScalar(UInt8(97 + index))))", kind: "disk"))
            }
            try host.register()
            let before = host.facts
            host.facts.blockDevices[3].sizeBytes = 1 << 30
            #expect(try host.report().sent == [.inventory, .freeSpace])
            guard case .inventory(let report) = host.controller.messages(.inventory).last?.body,
                case .difference(let difference) = report.contents
            else {
                Issue.record("no difference was sent")
                return
            }
            #expect(try difference.applied(to: before, digest: before.digest, isPartial: false) == host.facts)
            #expect(report.digest == host.facts.digest)
            #expect(try host.state().told.inventory == host.facts.digest.description)
            #expect(try host.report().sent == [.freeSpace])
        }
    }

    @Test func `a file system that does not answer in time keeps the size that was told, and nothing is sent for it`() throws {
        try TestHost.with { host in
            let mounted = ["/data", "/srv/bound"].map {
                Inventory.FileSystem(mountPoint: $0, type: "ext4", source: "/dev/sda1", devices: ["sda1"], sizeBytes: 1 << 40, usedBytes: 1)
            }
            host.facts.fileSystems = mounted
            try host.register()
            try host.settle()
            let told = host.facts.digest
            for index in mounted.indices { (host.facts.fileSystems[index].sizeBytes, host.facts.fileSystems[index].usedBytes) = (nil, nil) }
            host.facts.problems = [Inventory.Problem(path: "/data", field: "sizeBytes", reason: "timed out after 2.0 seconds")]
            #expect(!(try host.report().sent.contains(.inventory)))
            #expect(host.controller.messages(.inventory).isEmpty)
            // Another change goes with the sizes that are known, under the digest of what is sent.
            host.facts.host.kernel = "6.12"
            #expect(try host.report().sent.contains(.inventory))
            var expected = host.facts
            (expected.fileSystems, expected.problems) = (mounted, [])
            #expect(try host.state().told.inventory == expected.digest.description && expected.digest != told)
            // What answers with an error has no size.
            host.facts.problems = [Inventory.Problem(path: "/data", field: "sizeBytes", reason: "unreadable: Input/output error")]
            #expect(try host.report().sent.contains(.inventory))
        }
    }

    @Test func `an initiator that changed is told in one message`() throws {
        try TestHost.with { host in
            host.facts.initiators = [try initiator("iqn.1993-08.org.debian:01:old")]
            try host.register()
            host.facts.initiators = [try initiator("iqn.1993-08.org.debian:01:new")]
            #expect(try host.report().sent.filter { $0 != .freeSpace } == [.inventory])
            #expect(host.controller.messages(.event).isEmpty)
            guard case .inventory(let report) = host.controller.messages(.inventory).last?.body else {
                Issue.record("no inventory was sent")
                return
            }
            #expect(report.digest == host.facts.digest)
        }
    }

    @Test func `at level 2 nothing of devices and file systems leaves the host`() throws {
        try TestHost.with { host in
            host.facts.blockDevices = [Inventory.BlockDevice(name: "sda", kind: "disk")]
            try host.enrolment.send(host.request(level: 2), credential: TestHost.password("correct"))
            _ = try host.enrolment.wait(pad: host.padDirectory, account: host.account, timeout: .seconds(10))
            try host.report()
            for message in host.controller.taken { #expect(!message.jsonText.contains("\"sda\"")) }
            #expect(host.controller.messages(.freeSpace).count == 1)
        }
    }

    @Test func `the messages of a host form one chain, and each is one message however often it is published`() throws {
        try TestHost.with { host in
            try host.register()
            host.controller.decide = { _ in nil }
            host.facts.blockDevices = [Inventory.BlockDevice(name: "sda", kind: "disk")]
            #expect(throws: AgentError.self) { try host.report(timeout: .seconds(100)) }
            #expect(host.controller.files > host.controller.taken.count)
            let envelopes = host.controller.taken.map(\.envelope)
            #expect(Set(envelopes.map(\.messageID)).count == envelopes.count)
            #expect(envelopes.map(\.sequence) == envelopes.map(\.sequence).sorted())
            #expect(envelopes.dropFirst().map(\.previous) == envelopes.dropLast().map(\.messageID))
            #expect(envelopes.map(\.previousSequence) == [nil] + envelopes.dropLast().map(\.sequence))
        }
    }

    @Test func `the controller is told how long this host is silent at most`() throws {
        try TestHost.with { host in
            try host.register()
            try host.controller.instruct(.setInterval(seconds: 7_200), to: host.state().key.fingerprint, now: host.clock.now)
            try host.settle()
            try host.report()
            let told = host.controller.taken.compactMap { message -> Int64? in
                switch message.body {
                case .registration(let registration): registration.heardWithinSeconds
                case .freeSpace(let report): report.heardWithinSeconds
                default: nil
                }
            }
            #expect(told.first == 900)
            #expect(told.last == 7_200)
        }
    }

    @Test func `what the controller has not fetched is not written once more`() throws {
        try TestHost.with { host in
            try host.register()
            try host.settle()
            host.controller.isAway = true
            host.facts.blockDevices = [Inventory.BlockDevice(name: "sda", kind: "disk")]
            #expect(throws: AgentError.self) { try host.report(timeout: .seconds(600)) }
            #expect(try FileDescriptor(directory: "\(host.padDirectory)/in").names().count == 2)
        }
    }

    @Test func `a key that others can read, or replace, is not used`() throws {
        try TestHost.with { host in
            try host.register()
            let (directory, key) = (try host.registration(), try host.state().key.file)
            let path = "\(directory.path)/\(key)"
            chmod(path, 0o644)
            let open = SingleReport(context: host.context, timeout: .seconds(10)).run(directory).error
            #expect(open?.exitStatus == .refused)
            #expect(open?.description.contains("run chmod 600 \(path)") == true)
            chmod(path, 0o600)
            chmod(directory.path, 0o777)
            let replaceable = SingleReport(context: host.context, timeout: .seconds(10)).run(directory).error
            #expect(replaceable == .stateReplaceable(path: directory.path, mode: S_IFDIR | 0o777))
            #expect(replaceable?.exitStatus == .refused)
            chmod(directory.path, 0o700)
            try host.report()
        }
    }

    // MARK: What is not believed

    @Test func `replies that cannot be verified are ignored and counted, each once`() throws {
        try TestHost.with { host in
            try host.register()
            try host.settle()
            host.controller.isAway = true
            #expect(throws: AgentError.self) { try host.report(timeout: .seconds(1)) }
            let state = try host.state()
            let key = state.key.fingerprint
            let waiting = try #require(state.outbox.first).messageID
            let refusal = MessageBody.reply(
                Reply(inReplyTo: waiting, outcome: .refused(Refusal(reason: .revoked, text: "forged"))))

            // Garbage; a reply sealed for somebody else; one signed with a host certificate of the same authority; one of an authority that
            // merely has the same name.
            try host.controller.leave([1, 2, 3], named: "garbage.p7m", for: key)
            let hostKey = try PrivateKey.generate()
            let now = host.clock.now
            let certificate = try host.controller.keys.authority.issue(
                for: hostKey.publicKey, role: .host, subjectName: "host-9", now: now, lifetime: .seconds(1_000))
            let forged = try host.controller.seal(refusal, to: key, signer: Signer(key: hostKey, certificate: certificate), now: now)
            try host.controller.leave(forged.bytes, named: "forged.p7m", for: key)
            let impostor = try CertificateAuthority.create(
                key: PrivateKey.generate(), name: host.controller.keys.authority.certificate.subjectName, now: now,
                lifetime: .seconds(1_000))
            let impostorKey = try PrivateKey.generate()
            let impostorLeaf = try impostor.issue(
                for: impostorKey.publicKey, role: .controllerSigning, subjectName: "controller", now: now, lifetime: .seconds(1_000))
            let second = try host.controller.seal(refusal, to: key, signer: Signer(key: impostorKey, certificate: impostorLeaf), now: now)
            try host.controller.leave(second.bytes, named: "impostor.p7m", for: key)
            // Verified, and for another pad.
            let foreign = try host.controller.seal(refusal, to: key, now: now) { $0.padID = PadID.random() }
            try host.controller.leave(foreign.bytes, named: "foreign.p7m", for: key)

            var seen = SeenFiles()
            for _ in 0..<3 {
                try host.look(&seen)
            }
            let after = try host.state()
            #expect(after.counters.unverifiable == 3)
            #expect(after.counters.stale >= 1)
            #expect(after.obstacle == nil)
            #expect(after.outbox == state.outbox)
        }
    }

    @Test func `an old header that is put back is not believed`() throws {
        try TestHost.with { host in
            try host.register()
            let old = try readFile("\(host.padDirectory)/pad.p7s")
            try host.controller.rotate(now: host.clock.now)
            try host.report()
            try replaceFile("\(host.padDirectory)/pad.p7s", with: old)
            let expected = AgentError.padNotBelieved(
                directory: host.padDirectory, reason: "its generation is 1, and 2 was seen before: an old header was put back")
            #expect(throws: expected) { try host.report() }
            #expect(try host.state().padTrouble?.text == expected.description)
        }
    }

    // MARK: Keys, epochs

    @Test func `the controller's keys rotate while the host is out`() throws {
        try TestHost.with { host in
            try host.register()
            host.controller.isAway = true
            #expect(throws: AgentError.self) { try host.report(timeout: .seconds(1)) }
            try host.controller.rotate(now: host.clock.now)
            try host.controller.rotate(now: host.clock.now)
            host.controller.isAway = false
            try host.report()
            #expect(try host.state().outbox.isEmpty)
            #expect(try host.state().pad.generation == 3)
        }
    }

    @Test func `after a restore of the controller the host numbers anew and tells everything`() throws {
        try TestHost.with { host in
            try host.register()
            try host.settle()
            try host.controller.raiseEpoch(now: host.clock.now)
            #expect(try host.report().sent == [.inventory, .freeSpace])
            let message = try #require(host.controller.messages(.inventory).last)
            #expect(message.envelope.epoch == 2 && message.envelope.previous == nil)
            guard case .inventory(let report) = message.body, case .full = report.contents else {
                Issue.record("not everything was told")
                return
            }
        }
    }

    @Test func `a certificate renews itself through the pad`() throws {
        try TestHost.with { host in
            try host.register()
            let first = try #require(try host.state().membership)
            host.clock.set(first.renewAt)
            host.controller.decide = { [controller = host.controller, now = host.clock.now] in controller.usualDecision($0, now: now) }
            #expect(try host.report().sent.first == .renewal)
            let second = try #require(try host.state().membership)
            #expect(second.certificateExpires > first.certificateExpires)
            #expect(second.registeredAt == first.registeredAt)
            #expect(try host.report().sent == [.freeSpace])
            let message = try #require(host.controller.messages(.freeSpace).last)
            #expect(host.controller.signers[message.envelope.messageID]?.der == second.certificates.first)
        }
    }

    // MARK: Instructions

    @Test func `the interval is set, and acknowledged once`() throws {
        try TestHost.with { host in
            try host.register()
            let instruction = try host.controller.instruct(.setInterval(seconds: 30), to: host.state().key.fingerprint, now: host.clock.now)
            try host.settle()
            #expect(try host.state().intervalSeconds == 30)
            #expect(host.controller.acknowledged[instruction]?.outcome == .done)
            let acknowledgements = host.controller.messages(.acknowledgement).filter { message in
                if case .acknowledgement(let body) = message.body { body.of == instruction } else { false }
            }
            #expect(acknowledgements.count == 1)
        }
    }

    @Test func `a rescan reaches each SCSI host, and everything is told again`() throws {
        try TestHost.with { host in
            for name in ["host0", "host1"] {
                try makeDirectories("\(host.directory)/root/sys/class/scsi_host/\(name)")
                try replaceFile("\(host.directory)/root/sys/class/scsi_host/\(name)/scan", with: [])
            }
            try host.register()
            let instruction = try host.controller.instruct(.rescan, to: host.state().key.fingerprint, now: host.clock.now)
            try host.settle()
            #expect(
                host.controller.acknowledged[instruction]
                    == Acknowledgement(of: instruction, outcome: .done, detail: "2 SCSI hosts scanned"))
            #expect(try readFile("\(host.directory)/root/sys/class/scsi_host/host1/scan") == Array("- - -".utf8))
            #expect(try host.report().sent == [.inventory, .freeSpace])
        }
    }

    @Test func `a rescan that is not permitted is refused with the reason`() {
        #expect(BusScan.Outcome.notPermitted.acknowledged.outcome == .refused)
        #expect(BusScan.Outcome.failed(host: "host3", errno: EIO).acknowledged.outcome == .failed)
        #expect(BusScan.run(root: "/nonexistent") == .scanned(hosts: 0))
    }

    @Test func `the host's key rotates on instruction, and the old one goes`() throws {
        try TestHost.with { host in
            try host.register()
            let old = try host.state().key
            let instruction = try host.controller.instruct(.rotateKeys, to: old.fingerprint, now: host.clock.now)
            try host.settle()
            #expect(try host.state().nextKey != nil)
            #expect(try host.report().sent == [.renewal])
            let state = try host.state()
            #expect(state.key != old && state.nextKey == nil)
            try host.settle()
            #expect(host.controller.acknowledged[instruction]?.outcome == .done)
            #expect(access("\(try host.registration().path)/\(old.file)", F_OK) != 0)
            try host.report()
            let message = try #require(host.controller.messages(.freeSpace).last)
            #expect(message.envelope.sender == state.key.fingerprint)
        }
    }

    // MARK: Leaving

    @Test func `unregistering tells the controller and leaves nothing`() throws {
        try TestHost.with { host in
            try host.register()
            try Departure(context: host.context).leave(host.registration(), reason: "sold", timeout: .seconds(10))
            #expect(try host.stateDirectory.registrations().isEmpty)
            #expect(try FileDescriptor(directory: "\(host.stateDirectory.path)/registrations").names() == [])
            #expect(host.controller.messages(.farewell).map(\.body) == [.farewell(Farewell(reason: "sold"))])
        }
    }

    @Test func `unregistering without an answer keeps everything, and goes on later; by force it works with the pad gone`() throws {
        try TestHost.with { host in
            try host.register()
            host.controller.isAway = true
            let departure = Departure(context: host.context)
            #expect(throws: AgentError.noAnswer(directory: host.padDirectory, after: "10s")) {
                try departure.leave(host.registration(), reason: nil, timeout: .seconds(10))
            }
            #expect(try host.state().phase == .leaving)
            #expect(rename(host.padDirectory, "\(host.padDirectory).gone") == 0)
            #expect(throws: AgentError.self) { try departure.leave(host.registration(), reason: nil, timeout: .seconds(10)) }
            try departure.remove(host.registration())
            #expect(try host.stateDirectory.registrations().isEmpty)
        }
    }
}
