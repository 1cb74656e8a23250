import Daemons
import Identifiers
import Inventory
import Messages
import Provider
import Sealing
import Store
import StrictJSON
import TestSupport
import Testing

/// Renewal, rotation, restores, several pads, years of absence.
@Suite struct LifeOfAHostTests {
    private func withHost(
        _ configuration: IntakeConfiguration = IntakeConfiguration(),
        _ body: (ControllerFixture, ControllerFixture.Customer, inout SimulatedHost) async throws -> Void
    ) async throws {
        try await ControllerFixture.run(configuration) { fixture in
            let customer = try await fixture.customer()
            var host = try fixture.host(on: try await fixture.pad(of: customer))
            _ = try await host.register(customer, in: fixture)
            try await body(fixture, customer, &host)
        }
    }

    @Test func differencesAreAppliedAndOneToAnUnknownBaseAsksForEverything() async throws {
        try await withHost { fixture, _, host in
            let before = host.inventory
            host.name = "renamed"
            let difference = try #require(InventoryDifference(from: before, to: host.inventory))
            let report = MessageBody.inventory(
                InventoryReport(digest: host.inventory.digest, contents: .difference(difference), agentVersion: "test"))
            #expect(try await host.exchange(report, in: fixture)?.word == "received")
            #expect(try await fixture.hosts().map(\.hostName) == ["renamed"])
            #expect(try await host.exchange(report, in: fixture)?.word == "resync")
        }
    }

    /// A newer agent's inventory, as an older controller reads it: the digest is of more than what is understood.
    private static func newer(_ inventory: Inventory) -> InventoryDigest { InventoryDigest(of: inventory.jsonBytes + Array("more".utf8)) }

    private static func report(_ inventory: Inventory) -> MessageBody {
        .inventory(InventoryReport(digest: newer(inventory), contents: .full(inventory), agentVersion: "9.0"))
    }

    @Test func anAgentThatIsNewerThanTheControllerIsHeard() async throws {
        try await withHost { fixture, _, host in
            #expect(try await host.exchange(Self.report(host.inventory), in: fixture)?.word == "received")
            let before = host.inventory
            host.name = "renamed"
            let after = host.inventory
            let text = try #require(InventoryDifference(from: before, to: after)).jsonText
                .replacing(before.digest.description, with: Self.newer(before).description)
                .replacing(after.digest.description, with: Self.newer(after).description)
            let difference = try InventoryDifference(json: JSONFields(JSONValue.parse(text)))
            let report = InventoryReport(digest: Self.newer(after), contents: .difference(difference), agentVersion: "9.0")
            #expect(try await host.exchange(.inventory(report), in: fixture)?.word == "received")
            #expect(try await fixture.hosts().map(\.hostName) == ["renamed"])
            let id = try #require(try await fixture.hosts().first?.hostID)
            #expect(try await fixture.store.read { try $0.inventory(of: id)?.digest } == Self.newer(after))
        }
    }

    @Test func theFirstFactThatAControllerDoesNotKnowMakesItAskForEverything() async throws {
        try await withHost { fixture, _, host in
            let before = host.inventory
            host.name = "renamed"
            let after = host.inventory
            let text = try #require(InventoryDifference(from: before, to: after)).jsonText
                .replacing(after.digest.description, with: Self.newer(after).description)
            let difference = try InventoryDifference(json: JSONFields(JSONValue.parse(text)))
            let report = InventoryReport(digest: Self.newer(after), contents: .difference(difference), agentVersion: "9.0")
            #expect(try await host.exchange(.inventory(report), in: fixture)?.word == "resync")
            #expect(try await host.exchange(Self.report(after), in: fixture)?.word == "received")
        }
    }

    @Test func anUpgradedControllerAsksAgainForWhatTheOneBeforeDidNotKnow() async throws {
        try await withHost { fixture, _, host in
            let usage = MessageBody.freeSpace(FreeSpaceReport(of: host.inventory, at: fixture.clock.now))
            #expect(try await host.exchange(Self.report(host.inventory), in: fixture)?.word == "received")
            #expect(try await host.exchange(usage, in: fixture)?.word == "received")
            try await fixture.restart(version: "9.0")
            #expect(try await host.exchange(usage, in: fixture)?.word == "resync")
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
            #expect(try await host.exchange(usage, in: fixture)?.word == "received")
        }
    }

    @Test func aCertificateIsRenewedThroughThePad() async throws {
        try await withHost { fixture, _, host in
            let first = host.signer.certificate.notAfter
            fixture.clock.advance(by: .seconds(200 * 86_400))
            let renewed = try await host.exchange(host.renewal(), in: fixture)
            #expect(renewed?.word == "accepted")
            #expect(host.signer.certificate.notAfter > first)
        }
    }

    @Test func aHostAwayForAYearRenewsWithinTheTimeOfGraceAndLaterWithThePassword() async throws {
        try await withHost { fixture, customer, host in
            fixture.clock.advance(by: .seconds(380 * 86_400))
            try await fixture.restart()
            let renewed = try await host.exchange(host.renewal(), in: fixture)
            #expect(renewed?.word == "accepted")
            try await fixture.rotateKeys()
            fixture.clock.advance(by: .seconds(500 * 86_400))
            try await fixture.restart()
            let late = try await host.exchange(host.renewal(), in: fixture)
            #expect(late?.word == "certificate-expired")
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")
        }
    }

    @Test func theControllersKeysAreRotatedWhileAHostIsOut() async throws {
        try await withHost { fixture, _, host in
            let before = try host.open().header
            let sealedBefore = try host.message(host.report)
            let sealed = try host.sealed(sealedBefore)
            try await fixture.rotateKeys()
            let after = try host.open().header
            #expect(after.generation > before.generation)
            #expect(after.decryptionCertificate != before.decryptionCertificate)
            // What was sealed for the old key still opens; the answer is signed by the new one.
            try host.publish(sealed)
            try await fixture.pass()
            #expect(try host.outcomes(to: sealedBefore).map(\.word) == ["received"])
        }
    }

    @Test func aRotatedKeyTakesOverWhenItIsHeardAndTheOldOneIsAClone() async throws {
        try await withHost { fixture, _, host in
            let newKey = try PrivateKey.generate()
            let old = host
            let message = try host.send(host.renewal(for: newKey))
            try await fixture.pass()
            guard case .accepted(let acceptance)? = try host.outcomes(to: message).first else {
                Issue.record("not accepted")
                return
            }
            // The answer was lost: the old key may still speak.
            var late = old
            late.last = host.last
            late.previous = host.previous
            #expect(try await late.exchange(late.report, in: fixture)?.word == "received")
            host.key = newKey
            host.previous = nil
            try host.accept(acceptance)
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
            #expect(try await late.exchange(late.report, in: fixture)?.word == "revoked")
            #expect(try await fixture.notifications().map(\.notification.kind) == [.revokedKeyHeard])
        }
    }

    @Test func aHostThatCameBackWithItsOldKeyRegistersWithItAndThenWithTheNewOne() async throws {
        try await withHost { fixture, customer, host in
            let newKey = try PrivateKey.generate()
            var rotated = host
            let message = try rotated.send(rotated.renewal(for: newKey))
            try await fixture.pass()
            guard case .accepted(let acceptance)? = try rotated.outcomes(to: message).first else {
                Issue.record("not accepted")
                return
            }
            // Restored from a snapshot of before, while the new key was not heard yet.
            fixture.clock.advance(by: .seconds(1))
            (host.last, host.previous) = (rotated.last, rotated.previous)
            let restored = try await host.register(customer, in: fixture)
            #expect(restored?.word == "accepted")
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
            // The answer with the new key is found after all.
            rotated.key = newKey
            (rotated.last, rotated.previous) = (nil, nil)
            try rotated.accept(acceptance)
            #expect(try await rotated.exchange(rotated.report, in: fixture)?.word == "received")
            let again = try await rotated.register(customer, in: fixture)
            #expect(again?.word == "accepted")
            #expect(try await rotated.exchange(rotated.report, in: fixture)?.word == "received")
            #expect(try await fixture.hosts().count == 1)
            #expect(try await fixture.notifications().isEmpty)
        }
    }

    @Test func aControllerRestoredFromABackupAsksForEverythingAndTakesItsHostsIn() async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            var known = try fixture.host(on: pad, name: "known", machineID: "11111111111111111111111111111111", initiators: [])
            _ = try await known.register(customer, in: fixture)
            let backup = fixture.directory.path + "/backup.db"
            _ = try await fixture.store.backUp(to: backup, by: .provider("test"))
            var forgotten = try fixture.host(on: pad, name: "forgotten", machineID: "22222222222222222222222222222222")
            _ = try await forgotten.register(customer, in: fixture)
            let stale = try known.message(known.report)
            try await fixture.restore(backup: backup)
            #expect(try await fixture.hosts().map(\.hostName) == ["known"])

            // A message of before is told the new epoch.
            try known.publish(known.sealed(stale))
            try await fixture.pass()
            guard case .resync(let epoch, _)? = try known.outcomes(to: stale).first else {
                Issue.record("no resync")
                return
            }
            #expect(try known.open().header.epoch == epoch)
            known.previous = nil
            #expect(try await known.exchange(known.report, in: fixture)?.word == "received")

            // A host that the restored database does not know is asked for everything, and taken in by its certificate.
            forgotten.previous = nil
            let usage = MessageBody.freeSpace(FreeSpaceReport(measuredAt: fixture.clock.now, fileSystems: []))
            #expect(try await forgotten.exchange(usage, in: fixture)?.word == "resync")
            forgotten.previous = nil
            #expect(try await forgotten.exchange(forgotten.report, in: fixture)?.word == "received")
            #expect(try await fixture.hosts().map(\.hostName).sorted() == ["forgotten", "known"])
            #expect(try await fixture.hosts().first { $0.hostName == "forgotten" }?.hostID == forgotten.hostID)
            #expect(try await fixture.audit().contains { $0.action == "host.take-in-again" })
            #expect(try await forgotten.exchange(usage, in: fixture)?.word == "received")
        }
    }

    @Test func aHostUsesSeveralPadsWithAKeyForEach() async throws {
        try await withHost { fixture, customer, host in
            let second = try await fixture.pad(of: customer)
            var there = try fixture.host(on: second)
            #expect(try await there.register(customer, in: fixture)?.word == "accepted")
            #expect(there.hostID == host.hostID)
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
            #expect(try await there.exchange(there.report, in: fixture)?.word == "received")
            #expect(try await fixture.hosts().count == 1)
            #expect(try await fixture.notifications().map(\.notification.kind) == [.padAdded])
            // Leaving one pad is not leaving.
            #expect(try await there.exchange(.farewell(Farewell()), in: fixture)?.word == "received")
            #expect(try await fixture.hosts().map(\.state) == [.registered])
            #expect(try await host.exchange(.farewell(Farewell()), in: fixture)?.word == "received")
            #expect(try await fixture.hosts().map(\.state) == [.unregistered])
        }
    }

    @Test func aHostWithAKeyOnARetiredPadCanLeave() async throws {
        try await withHost { fixture, customer, host in
            let second = try await fixture.pad(of: customer)
            var there = try fixture.host(on: second)
            #expect(try await there.register(customer, in: fixture)?.word == "accepted")
            await fixture.intake.removePad(second.id)
            try await fixture.store.write { _ = try $0.retirePad(second.id, by: .provider("test")) }
            #expect(try await host.exchange(.farewell(Farewell()), in: fixture)?.word == "received")
            #expect(try await fixture.hosts().map(\.state) == [.unregistered])
        }
    }

    @Test func numbersOfAnswersRiseAlsoWhenTheClockWentBack() async throws {
        try await withHost { fixture, _, host in
            let before = try #require(try host.replies().map(\.envelope.sequence).max())
            fixture.clock.advance(by: .seconds(-3_600))
            try await fixture.restart()
            let message = try host.send(host.report)
            try await fixture.pass()
            let answer = try #require(try host.replies().first { $0.reply.inReplyTo == message.envelope.messageID })
            #expect(answer.envelope.sequence > before)
        }
    }

    @Test func usageIsKeptAsItWasToldLast() async throws {
        try await withHost { fixture, _, host in
            let usage = FreeSpaceReport.FileSystemUsage(
                mountPoint: "/data", type: "ext4", source: "/dev/sda1", sizeBytes: 100, availableBytes: 40, freeBytes: nil, inodes: nil,
                inodesFree: nil, devices: ["sda1"], logicalUnits: [])
            let report = FreeSpaceReport(measuredAt: fixture.clock.now, fileSystems: [usage])
            #expect(try await host.exchange(.freeSpace(report), in: fixture)?.word == "received")
            let id = try #require(host.hostID)
            let kept = try await fixture.store.read { try $0.usage(of: id)?.fileSystems }
            #expect(String(decoding: kept ?? [], as: UTF8.self).contains("\"availableBytes\":40"))
        }
    }
}
