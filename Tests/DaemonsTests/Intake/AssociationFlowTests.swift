import Daemons
import Identifiers
import Inventory
import Messages
import Provider
import Store
import TestSupport
import Testing

/// Associations as claims and masking change, through the database.
@Suite struct AssociationFlowTests {
    private static let iqn = "iqn.2026-11.com.example:web1"

    private func withSystem(
        _ body: (ControllerFixture, ControllerFixture.Customer, ControllerFixture.TestPad, TestSystem) async throws -> Void
    ) async throws {
        try await ControllerFixture.run { fixture in
            let customer = try await fixture.customer()
            let pad = try await fixture.pad(of: customer)
            try await body(fixture, customer, pad, TestSystem.add(to: fixture.store))
        }
    }

    @Test func aClaimAndMaskingMeetWhicheverComesFirst() async throws {
        try await withSystem { fixture, customer, pad, system in
            var host = try fixture.host(on: pad)
            _ = try await host.register(customer, in: fixture)
            #expect(try await fixture.associations().map(\.association.state) == [.pending])
            try await system.mask("v1", to: Self.iqn)
            let confirmed = try await fixture.associations()
            #expect(confirmed.map(\.association.state) == [.confirmed])
            let association = try #require(confirmed.first?.association)
            #expect(association.volume?.volumeID == "v1")
            #expect(association.volume?.sizeBytes == 1 << 30)
            #expect(association.evidence.map(\.kind) == [.claim, .masking, .accountPad])
            #expect(association.hostID == host.hostID)
            try await system.mask("v2", to: Self.iqn)
            var second = try fixture.host(on: pad, name: "web2", machineID: "m2", initiators: ["iqn.2026-11.com.example:web2"])
            try await system.mask("v3", to: "iqn.2026-11.com.example:web2")
            _ = try await second.register(customer, in: fixture)
            #expect(try await fixture.associations().map(\.association.state) == [.confirmed, .confirmed, .confirmed])
        }
    }

    @Test func anOpenVolumeIsEvidenceForNobody() async throws {
        try await withSystem { fixture, customer, pad, system in
            var host = try fixture.host(on: pad)
            try await system.mask("open", to: "*")
            _ = try await host.register(customer, in: fixture)
            #expect(try await fixture.associations().map(\.association.state) == [.pending])
            #expect(try await fixture.associations().first?.association.volume == nil)
        }
    }

    @Test func aSecondClaimIsAConflictShownToBothSidesAndTheProvider() async throws {
        try await withSystem { fixture, customer, pad, system in
            try await system.mask("v1", to: Self.iqn)
            var first = try fixture.host(on: pad)
            _ = try await first.register(customer, in: fixture)
            let other = try await fixture.customer("other")
            var second = try fixture.host(on: try await fixture.pad(of: other), name: "thief", machineID: "m2")
            fixture.clock.advance(by: .seconds(5))
            guard case .accepted(let acceptance)? = try await second.register(other, in: fixture) else {
                Issue.record("not accepted")
                return
            }
            #expect(acceptance.notes.first?.contains("has held this initiator since") == true)
            let records = try await fixture.associations()
            #expect(records.map(\.association.state) == [.confirmed, .conflict])
            #expect(records.last?.conflictHostName == "web1")
            let told = try await fixture.notifications().map(\.notification).filter { $0.kind == .initiatorConflict }
            #expect(Set(told.map(\.accountID)) == [customer.accountID, other.accountID, nil])
            #expect(told.allSatisfy { $0.text.contains("web1") && $0.text.contains("thief") })
            let id = try #require(first.hostID)
            #expect(try await fixture.store.read { try $0.associations(of: id) }.count == 2)
            // The provider's word turns it round.
            let initiator = try #require(InitiatorName(Self.iqn))
            try await fixture.store.write { _ = try $0.assignInitiator(initiator, to: other.accountID, actor: "provider:test") }
            #expect(try await fixture.associations().map(\.association.state) == [.conflict, .confirmed])
        }
    }

    @Test func hostsOfOneDeclaredClusterShare() async throws {
        try await withSystem { fixture, customer, pad, system in
            try await system.mask("v1", to: Self.iqn)
            for number in 1...2 {
                var host = try fixture.host(on: pad, name: "node\(number)", machineID: "m\(number)")
                host.cluster = "database"
                _ = try await host.register(customer, in: fixture)
            }
            let records = try await fixture.associations()
            #expect(records.map(\.association.state) == [.confirmed, .confirmed])
            #expect(records.map(\.sharedWith.count) == [1, 1])
        }
    }

    @Test func aChangedInitiatorWaitsUntilSomebodyConfirmsOrRejectsIt() async throws {
        try await withSystem { fixture, customer, pad, system in
            var host = try fixture.host(on: pad)
            _ = try await host.register(customer, in: fixture)
            try await system.mask("v1", to: "iqn.2026-11.com.example:new")
            host.initiators = ["iqn.2026-11.com.example:new"]
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
            let waiting = try #require(try await fixture.associations().first)
            #expect(waiting.association.state == .pending)
            #expect(waiting.association.volume?.volumeID == "v1")
            #expect(try await fixture.notifications().map(\.notification.kind) == [.initiatorChanged])
            try await fixture.store.write { _ = try $0.decideAssociation(waiting.id, confirmed: true) }
            #expect(try await fixture.associations().map(\.association.state) == [.confirmed])
            let confirmed = try #require(try await fixture.associations().first)
            try await fixture.store.write { _ = try $0.decideAssociation(confirmed.id, confirmed: false) }
            #expect(try await fixture.associations().map(\.association.state) == [.stale])
        }
    }

    @Test(arguments: [true, false]) func aClaimBehindAHoldersWaitsForAWordWhenTheHolderIsGone(isRemoved: Bool) async throws {
        try await withSystem { fixture, customer, pad, system in
            try await system.mask("v1", to: Self.iqn)
            var first = try fixture.host(on: pad)
            _ = try await first.register(customer, in: fixture)
            let other = try await fixture.customer("other")
            var second = try fixture.host(on: try await fixture.pad(of: other), name: "heir", machineID: "m2")
            fixture.clock.advance(by: .seconds(5))
            _ = try await second.register(other, in: fixture)
            if isRemoved {
                let id = try #require(first.hostID)
                try await fixture.store.write { _ = try $0.removeHost(id, by: .provider("test")) }
            } else {
                first.initiators = []
                #expect(try await first.exchange(first.report, in: fixture)?.word == "received")
            }
            for _ in 0..<2 {
                let heir = try #require(try await fixture.associations().first { $0.association.hostID == second.hostID })
                #expect(heir.association.state == .pending)
                #expect(heir.association.note?.contains("waits for association confirm or reject") == true)
                #expect(try await second.exchange(second.report, in: fixture)?.word == "received")
            }
            let heir = try #require(try await fixture.associations().first { $0.association.hostID == second.hostID })
            try await fixture.store.write { _ = try $0.decideAssociation(heir.id, confirmed: true) }
            #expect(
                try await fixture.associations().filter { $0.association.state == .confirmed }.map(\.association.hostID) == [second.hostID])
        }
    }

    @Test func aDeviceIsEvidenceAndUnmaskingMakesStale() async throws {
        try await withSystem { fixture, customer, pad, system in
            var host = try fixture.host(on: pad)
            try await system.mask("v1", to: Self.iqn)
            var device = Inventory.BlockDevice(name: "sdb", kind: "disk")
            device.wwid = WWID(TestSystem.wwid("v1"))
            host.blockDevices = [device]
            _ = try await host.register(customer, in: fixture)
            #expect(try await fixture.associations().first?.association.evidence.map(\.kind) == [.claim, .masking, .device, .accountPad])
            try await system.unmask("v1")
            #expect(try await fixture.associations().map(\.association.state).sorted { $0.rawValue < $1.rawValue } == [.pending, .stale])
        }
    }

    @Test func anInventoryWithTheSameDevicesChangesNoEvidence() async throws {
        try await withSystem { fixture, customer, pad, system in
            var host = try fixture.host(on: pad)
            try await system.mask("v1", to: Self.iqn)
            var device = Inventory.BlockDevice(name: "sdb", kind: "disk")
            device.wwid = WWID(TestSystem.wwid("v1"))
            host.blockDevices = [device]
            _ = try await host.register(customer, in: fixture)
            let before = try #require(try await fixture.associations().first?.association)
            #expect(before.evidence.contains { $0.kind == .device })
            fixture.clock.advance(by: .seconds(60))
            host.name = "renamed"
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
            #expect(try await fixture.associations().map(\.association.evidence) == [before.evidence])
            fixture.clock.advance(by: .seconds(60))
            host.blockDevices = []
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
            #expect(try await fixture.associations().first?.association.evidence.contains { $0.kind == .device } == false)
        }
    }

    @Test func assignedButUnclaimedIsDeclared() async throws {
        try await withSystem { fixture, customer, _, system in
            try await system.mask("v1", to: Self.iqn)
            let initiator = try #require(InitiatorName(Self.iqn))
            try await fixture.store.write { _ = try $0.assignInitiator(initiator, to: customer.accountID, actor: "provider:test") }
            #expect(try await fixture.associations().map(\.association.state) == [.declared])
            #expect(try await fixture.store.read { try $0.initiators() }.elements.map(\.initiator) == [initiator])
            try await fixture.store.write { _ = try $0.releaseInitiator(initiator) }
            #expect(try await fixture.associations().map(\.association.state) == [.stale])
        }
    }

    @Test func releasingAnInitiatorAgainTakesItFromNobody() async throws {
        try await withSystem { fixture, customer, pad, system in
            try await system.mask("v1", to: Self.iqn)
            var host = try fixture.host(on: pad)
            _ = try await host.register(customer, in: fixture)
            let initiator = try #require(InitiatorName(Self.iqn))
            try await fixture.store.write { _ = try $0.assignInitiator(initiator, to: customer.accountID, actor: "provider:test") }
            for _ in 0..<2 {
                try await fixture.store.write { _ = try $0.releaseInitiator(initiator) }
                #expect(try await fixture.associations().map(\.association.state) == [.confirmed])
            }
        }
    }

    @Test func customersAreNotToldOfOthersHosts() async throws {
        try await withSystem { fixture, customer, pad, system in
            let second = "iqn.2026-11.com.example:other"
            try await system.mask("v1", to: Self.iqn)
            var host = try fixture.host(on: pad)
            _ = try await host.register(customer, in: fixture)
            let other = try await fixture.customer("other")
            var foreign = try fixture.host(on: try await fixture.pad(of: other), name: "foreign", machineID: "m2", initiators: [second])
            _ = try await foreign.register(other, in: fixture)
            try await system.mask("v1", to: second)
            let own = try await fixture.store.read { try $0.associations(within: .account(customer.accountID)) }.elements
            #expect(own.map(\.sharedWith) == [[]])
            let all = try await fixture.associations().filter { $0.association.hostID == host.hostID }
            #expect(try all.map(\.sharedWith) == [[#require(foreign.hostID)]])
        }
    }

    @Test func hostsOfAPadThatIsRemovedAreUnregisteredUnlessTheySpeakElsewhere() async throws {
        try await withSystem { fixture, customer, pad, system in
            try await system.mask("v1", to: Self.iqn)
            var alone = try fixture.host(on: pad)
            _ = try await alone.register(customer, in: fixture)
            let second = try await fixture.pad(of: customer)
            var other = try fixture.host(on: pad, name: "two", machineID: "two", initiators: [])
            _ = try await other.register(customer, in: fixture)
            try other.loseState()
            other.pad = second
            #expect(try await other.register(customer, in: fixture)?.word == "accepted")
            let id = pad.id
            _ = try await fixture.store.write { try $0.retirePad(id, by: .provider("root")) }
            let states = Dictionary(uniqueKeysWithValues: try await fixture.hosts().map { ($0.hostName, $0.state) })
            #expect(states == ["web1": .unregistered, "two": .registered])
            #expect(try await fixture.associations().map(\.association.state) == [.stale])
            #expect(try await fixture.audit().contains { $0.action == "host.unregister" && $0.detail.contains("its last one") })
        }
    }

    @Test func pagesFollowOneAnother() async throws {
        try await withSystem { fixture, customer, pad, _ in
            for number in 0..<5 {
                var host = try fixture.host(
                    on: pad, name: "h\(number)", machineID: "m\(number)", initiators: ["iqn.2026-11.com.example:h\(number)"])
                _ = try host.send(host.registration(customer))
            }
            try await fixture.pass()
            var seen: [HostID] = []
            var after: String?
            repeat {
                let page = try await fixture.store.read { [after] in
                    try $0.hosts(within: .account(customer.accountID), PageRequest(limit: 2, after: after))
                }
                seen += page.elements.map(\.hostID)
                after = page.next
            } while after != nil
            #expect(seen.count == 5)
            #expect(seen == seen.sorted())
            let first = try await fixture.store.read { try $0.associations(within: .account(customer.accountID), PageRequest(limit: 3)) }
            let rest = try await fixture.store.read {
                try $0.associations(within: .account(customer.accountID), PageRequest(limit: 3, after: first.next))
            }
            #expect(first.elements.count == 3)
            #expect(rest.elements.count == 2)
            #expect(rest.next == nil)
        }
    }

    @Test func aRejectedClaimIsNotTrueAgainForRegisteringOnceMore() async throws {
        try await withSystem { fixture, customer, pad, system in
            for volume in ["v1", "v2"] { try await system.mask(volume, to: Self.iqn) }
            var host = try fixture.host(on: pad)
            _ = try await host.register(customer, in: fixture)
            let confirmed = try #require(try await fixture.associations().first)
            let changes = try await fixture.store.write { try $0.decideAssociation(confirmed.id, confirmed: false) }
            #expect(changes.map(\.after?.state) == [.stale, .stale])
            #expect(Set(changes.map(\.associationID)) == Set(try await fixture.associations().map(\.associationID)))
            #expect(try await fixture.associations().allSatisfy { $0.association.note?.contains("the provider rejected") == true })
            #expect(try await host.exchange(host.report, in: fixture)?.word == "received")
            #expect(try await fixture.associations().map(\.association.state) == [.stale, .stale])
            #expect(try await host.register(customer, in: fixture)?.word == "accepted")
            #expect(try await fixture.associations().map(\.association.state) == [.pending, .pending])
            try await fixture.store.write { _ = try $0.decideAssociation(confirmed.id, confirmed: true) }
            #expect(try await fixture.associations().map(\.association.state) == [.confirmed, .confirmed])
        }
    }
}
