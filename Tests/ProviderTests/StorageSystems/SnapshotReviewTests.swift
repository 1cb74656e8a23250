import Identifiers
import Provider
import Testing

/// What a plug-in says that cannot be so is a problem, and changes nothing.
@Suite struct SnapshotReviewTests {
    typealias Samples = SnapshotSamples
    private let alice = "iqn.2026-11.example.host:alice"

    private func view(_ volumes: [Volume] = [], _ masking: [MaskingEntry] = [], _ sessions: [StorageSession] = []) throws -> StorageSnapshot
    {
        StorageSnapshot(
            identity: try Samples.identity(), ports: [try Samples.port(), try Samples.port("p2")], volumes: volumes, masking: masking,
            sessions: sessions)
    }

    @Test func `an honest view is believed, sorted`() throws {
        let said = try view(
            [Samples.volume("b"), Samples.volume("a")], [Samples.masking("b", alice), Samples.masking("a", alice, lun: 2)])
        let review = SnapshotReview(reported: said, previous: try view())
        #expect(review.problems == [])
        #expect(review.snapshot.volumes.map(\.volumeID.text) == ["a", "b"])
        #expect(review.snapshot.masking.map(\.volumeID.text) == ["a", "b"])
    }

    @Test func `of a volume listed twice neither entry is believed, and what was known stays`() throws {
        let said = try view([
            Samples.volume("a", size: 1), Samples.volume("a", size: 2), Samples.volume("new", size: 1), Samples.volume("new", size: 2),
        ])
        let review = SnapshotReview(reported: said, previous: try view([Samples.volume("a", size: 9)]))
        #expect(review.snapshot.volumes == [try Samples.volume("a", size: 9)])
        #expect(
            Set(review.problems) == [
                SystemProblem(.volume, "a", "was listed twice; neither entry is believed"),
                SystemProblem(.volume, "new", "was listed twice; neither entry is believed"),
            ])
    }

    @Test func `masking of an unknown volume or on an unknown port is not believed`() throws {
        let said = try view(
            [Samples.volume("a")],
            [Samples.masking("a", alice), Samples.masking("ghost", alice, lun: 2), Samples.masking("a", alice, lun: 3, ports: ["p9"])])
        let review = SnapshotReview(reported: said, previous: try view())
        #expect(review.snapshot.masking == [try Samples.masking("a", alice)])
        #expect(
            review.problems.map(\.reason) == [
                "names the unknown volume ghost; it is not believed", "names the unknown port p9; it is not believed",
            ])
    }

    @Test func `a volume that takes another's WWID is not believed; the first one stays`() throws {
        let said = try view([Samples.volume("a", wwid: "naa.1"), Samples.volume("thief", wwid: "naa.1")])
        let review = SnapshotReview(reported: said, previous: try view([Samples.volume("a", wwid: "naa.1")]))
        #expect(review.snapshot.volumes.map(\.volumeID.text) == ["a"])
        #expect(review.problems.map(\.objectID) == ["thief"])
        let fresh = SnapshotReview(reported: said, previous: try view())
        #expect(fresh.snapshot.volumes.isEmpty)
        #expect(fresh.problems.count == 2)
    }

    @Test func `an entry that could not be read keeps what was known under its ID`() throws {
        let malformed = [
            SystemProblem(.volume, "a", "volumes[0].wwid is missing"), SystemProblem(.volume, nil, "volumes[1] is not an object"),
        ]
        let review = SnapshotReview(
            reported: try view([Samples.volume("c")]), malformed: malformed, previous: try view([Samples.volume("a"), Samples.volume("b")]))
        #expect(review.snapshot.volumes.map(\.volumeID.text) == ["a", "c"])
        #expect(review.problems == malformed)
    }

    @Test func `masking that could not be read keeps the volume's entries`() throws {
        let before = try view(
            [Samples.volume("a"), Samples.volume("b")], [Samples.masking("a", alice), Samples.masking("b", alice, lun: 2)])
        let said = try view([Samples.volume("a"), Samples.volume("b")])
        let review = SnapshotReview(
            reported: said, malformed: [SystemProblem(.masking, "a", "masking[0].lun is missing")], previous: before)
        #expect(review.snapshot.masking == [try Samples.masking("a", alice)])
    }

    @Test func `one entry for each port is one entry with all of them; two words on access are none`() throws {
        let said = try view(
            [Samples.volume("a")],
            [
                Samples.masking("a", alice, ports: ["p2"]), Samples.masking("a", alice, ports: ["p1"]),
                Samples.masking("a", alice, lun: 5), Samples.masking("a", alice, lun: 5, readOnly: true),
            ])
        let review = SnapshotReview(reported: said, previous: try view())
        #expect(review.snapshot.masking == [try Samples.masking("a", alice, ports: ["p1", "p2"])])
        #expect(review.problems.map(\.objectID) == ["a \(alice) 5"])
    }

    @Test func `sessions at unknown ports are not believed, and the same session twice is one`() throws {
        let said = try view([], [], [Samples.session(alice), Samples.session(alice), Samples.session(alice, port: "p9")])
        let review = SnapshotReview(reported: said, previous: try view())
        #expect(review.snapshot.sessions == [try Samples.session(alice)])
        #expect(review.problems.map(\.object) == [.session])
    }

    @Test func `when everything is a lie, everything stays as it was`() throws {
        let before = try view([Samples.volume("a"), Samples.volume("b")], [Samples.masking("a", alice)])
        let twice = before.volumes + before.volumes
        let review = SnapshotReview(reported: try view(twice, before.masking + before.masking), previous: before)
        #expect(
            review.snapshot
                == StorageSnapshot(
                    identity: before.identity, ports: before.ports.sorted { $0.key < $1.key }, volumes: before.volumes,
                    masking: before.masking))
    }
}
