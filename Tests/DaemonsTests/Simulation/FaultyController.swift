import Daemons
import Identifiers
import PadSimulation
import ScratchPad
import Synchronization
import TestSupport

/// The controller's machine in a history: intake, which ends at any of its durable steps, and its end of a file system that loses what was not
/// forced out.
struct FaultyController {
    struct Crash: Error {}

    let fixture: ControllerFixture
    let pad: ControllerFixture.TestPad
    let storage: SimulatedStorage

    /// A pass, which may end in the middle.
    func act(_ random: inout SplitMix64, _ tally: inout Tally) async throws {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: try await restart(fuse: Int.random(in: 0...12, using: &random))
        case 1: storage.crash(0, afterCalls: Int.random(in: 1...25, using: &random))
        default: break
        }
        do {
            try await fixture.intake.passNow([pad.id])
        } catch is Crash {
            tally[.controllerCrashes] += 1
            storage.restart(0)
            try await restart(fuse: nil)
        } catch is PadError {
            // Told in the log; the next pass tries again.
        }
        try await restartAfterCrash(&tally)
    }

    /// Where a call of its machine was the last one.
    func restartAfterCrash(_ tally: inout Tally) async throws {
        guard storage.isCrashed(0) else { return }
        tally[.controllerCrashes] += 1
        storage.restart(0)
        try await restart(fuse: nil)
    }

    /// - Parameter fuse: the process ends after so many durable steps; nil: it goes on.
    func restart(fuse steps: Int?) async throws {
        let left = Mutex<Int?>(steps)
        try await fixture.restart { _, _ in
            let isEnd = left.withLock { left -> Bool in
                guard let count = left else { return false }
                left = count - 1
                return count <= 0
            }
            if isEnd { throw Crash() }
        }
    }
}
