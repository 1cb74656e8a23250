import Identifiers
import Testing

@testable import ScratchPad

/// Pads on which nothing happens: what a look at the folder's times alone may save.
@Suite struct QuietTests {
    /// Far after whatever time the folders bear.
    private let now = Timestamp(seconds: 4_000_000_000)

    /// The first looks are full; then the folder's times save them.
    private func becomeQuiet(_ pad: inout TestPad) throws -> ControllerPad.Quiet {
        for second in 0..<4 {
            let found = try pad.controller.collect(.init(), elapsed: .seconds(second), now: now)
            #expect(found.looked && found.quiet == nil)
        }
        let found = try pad.controller.collect(.init(), elapsed: .seconds(4), now: now)
        #expect(!found.looked)
        return try #require(found.quiet)
    }

    @Test(arguments: MediumKind.allCases)
    func `a quiet pad stays quiet until its next full look`(kind: MediumKind) throws {
        var pad = try TestPad(kind)
        let quiet = try becomeQuiet(&pad)
        #expect(quiet.holds(elapsed: .seconds(5), on: pad.medium))
        #expect(quiet.holds(elapsed: .milliseconds(29_999), on: pad.medium))
        #expect(!quiet.holds(elapsed: .seconds(30), on: pad.medium))
        #expect(try pad.controller.collect(.init(), elapsed: .seconds(30), now: now).looked)
    }

    @Test(arguments: MediumKind.allCases)
    func `a message, a missing folder and another folder end the quiet`(kind: MediumKind) throws {
        var pad = try TestPad(kind)
        let quiet = try becomeQuiet(&pad)
        pad.storage?.setClock(now)
        _ = try pad.host().publish([1], sender: fingerprint(1), sequence: 1)
        #expect(!quiet.holds(elapsed: .seconds(5), on: pad.medium))
        #expect(try pad.controller.collect(.init(), elapsed: .seconds(5), now: now).files.count == 1)
        #expect(!quiet.holds(elapsed: .seconds(6), on: pad.medium))

        _ = try pad.medium.remove(name("in"), in: .root)
        #expect(!quiet.holds(elapsed: .seconds(7), on: pad.medium))
        try pad.medium.make(.incoming)
        #expect(!quiet.holds(elapsed: .seconds(8), on: pad.medium))
    }
}
