import ScratchPad

/// Joins what pads bring at about the same time into one batch: one transaction, one force to disk. What a pad has to do after that is its own
/// affair: a batch waits for no pad.
actor Batcher {
    /// Decides what pads brought: the outcomes of each one's files, in the order of the pads.
    typealias Work = @Sendable ([PreparedFiles]) async throws -> [[FileOutcome]]

    private final class Batch {
        var pads: [PreparedFiles] = []
        var messages = 0
        var bytes = 0
        var waiting: [CheckedContinuation<[FileOutcome], any Error>] = []
    }

    private let configuration: IntakeConfiguration
    private var open: Batch?
    private var running = 0
    private var turns: [CheckedContinuation<Void, Never>] = []

    init(_ configuration: IntakeConfiguration) { self.configuration = configuration }

    /// Waits until the batch that this joins is on disk, or throws what ended it.
    func join(_ pad: PreparedFiles, _ work: @escaping Work) async throws -> [FileOutcome] {
        try await withCheckedThrowingContinuation { continuation in
            let batch = open ?? Batch()
            batch.pads.append(pad)
            batch.messages += pad.outcomes.count
            batch.bytes += pad.bytes
            batch.waiting.append(continuation)
            if open == nil {
                open = batch
                Task { await self.startLater(batch, work) }
            }
            if batch.messages >= configuration.batchMessages || batch.bytes >= configuration.batchBytes {
                open = nil
                Task { await self.run(batch, work) }
            }
        }
    }

    private func startLater(_ batch: Batch, _ work: @escaping Work) async {
        // A sleep that ends early starts the batch early.
        try? await Task.sleep(for: configuration.batchDelay)
        guard open === batch else { return }
        open = nil
        await run(batch, work)
    }

    private func run(_ batch: Batch, _ work: Work) async {
        if running >= configuration.pendingBatches {
            await withCheckedContinuation { turns.append($0) }
        } else {
            running += 1
        }
        do {
            let outcomes = try await work(batch.pads)
            for (continuation, outcomes) in zip(batch.waiting, outcomes) { continuation.resume(returning: outcomes) }
        } catch {
            for continuation in batch.waiting { continuation.resume(throwing: error) }
        }
        if turns.isEmpty { running -= 1 } else { turns.removeFirst().resume() }
    }
}
