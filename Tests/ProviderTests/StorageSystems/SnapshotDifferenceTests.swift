import Identifiers
import Provider
import StrictJSON
import Testing

@Suite struct SnapshotDifferenceTests {
    typealias Samples = SnapshotSamples
    private let alice = "iqn.2026-11.example.host:alice"
    private let bob = "iqn.2026-11.example.host:bob"

    private func view(volumes: [Volume] = [], masking: [MaskingEntry] = [], sessions: [StorageSession] = []) throws -> StorageSnapshot {
        StorageSnapshot(
            identity: try Samples.identity(), ports: [try Samples.port()], volumes: volumes, masking: masking, sessions: sessions)
    }

    @Test func `two equal views differ in nothing`() throws {
        let view = try view(volumes: [Samples.volume("a")], masking: [Samples.masking("a", alice)])
        #expect(SnapshotDifference(view, view).isEmpty)
        #expect(difference(view, view) == [])
    }

    @Test func `what appeared, changed and went is history, each with what it was and is`() throws {
        let old = try view(volumes: [Samples.volume("a"), Samples.volume("b")])
        let new = try view(volumes: [Samples.volume("a", size: 2 << 30), Samples.volume("c")])
        let history = difference(old, new)
        #expect(
            history.map { "\($0.object.rawValue) \($0.objectID) \($0.change.word)" } == [
                "volume c appeared", "volume a changed", "volume b went",
            ])
        #expect(
            history[1].change
                == .changed(before: JSONObject([("sizeBytes", .integer(1 << 30))]), after: JSONObject([("sizeBytes", .integer(2 << 30))])))
        #expect(history[0].change.after?["wwid"] == "t10.c")
        #expect(history[2].change.before?["name"] == "b")
    }

    @Test func `a member that comes or goes stands on one side only`() throws {
        var copy = try Samples.volume("a")
        copy.replicaOf = try Samples.id("b")
        let history = difference(try view(volumes: [Samples.volume("a")]), try view(volumes: [copy]))
        #expect(history.map(\.change) == [.changed(before: JSONObject(), after: JSONObject([("replicaOf", "b")]))])
    }

    @Test func `mere use is written and is no history`() throws {
        let old = try view(volumes: [Samples.volume("a", allocated: 1)])
        let new = try view(volumes: [Samples.volume("a", allocated: 2)])
        let difference = SnapshotDifference(old, new)
        #expect(difference.volumes.written.map(\.allocatedBytes) == [2])
        #expect(difference.history == [])
        #expect(difference.touchedVolumes == [])
    }

    @Test func `only initiators whose masking or sessions differ are touched`() throws {
        let old = try view(volumes: [Samples.volume("a")], masking: [Samples.masking("a", alice), Samples.masking("a", bob, lun: 2)])
        let new = try view(
            volumes: [Samples.volume("a")],
            masking: [Samples.masking("a", alice), Samples.masking("a", bob, lun: 3), Samples.masking("a", "*", lun: 9)],
            sessions: [Samples.session("iqn.2026-11.example.host:carol")])
        #expect(Set(SnapshotDifference(old, new).touchedInitiators.map(\.description)) == [bob, "iqn.2026-11.example.host:carol"])
        #expect(SnapshotDifference(old, new).touchedVolumes == [])
    }

    @Test func `a volume that grew, came or went is touched`() throws {
        let old = try view(volumes: [Samples.volume("a"), Samples.volume("b"), Samples.volume("same")])
        let new = try view(volumes: [Samples.volume("a", size: 2 << 30), Samples.volume("c"), Samples.volume("same")])
        #expect(Set(SnapshotDifference(old, new).touchedVolumes.map(\.text)) == ["a", "b", "c"])
    }

    @Test func `new firmware is a change of the system`() throws {
        let old = StorageSnapshot(identity: try Samples.identity())
        let new = StorageSnapshot(identity: try Samples.identity(firmware: "2.0"))
        #expect(
            difference(old, new).map(\.change) == [
                .changed(before: JSONObject([("firmware", "1.0")]), after: JSONObject([("firmware", "2.0")]))
            ])
        #expect(!(try Samples.identity("SN2")).isSameMachine(as: try Samples.identity()))
    }

    @Test func `going there and back again is undone by the difference back`() throws {
        let one = try view(volumes: [Samples.volume("a"), Samples.volume("b")], masking: [Samples.masking("a", alice)])
        let two = try view(volumes: [Samples.volume("b", size: 7)], sessions: [Samples.session(alice)])
        let (there, back) = (SnapshotDifference(one, two), SnapshotDifference(two, one))
        #expect(there.volumes.appeared == back.volumes.went)
        #expect(there.volumes.went == back.volumes.appeared)
        #expect(there.masking.went == back.masking.appeared)
        #expect(there.touchedInitiators == back.touchedInitiators)
    }
}
