import ScratchPad

/// Joins what pads bring at about the same time into one batch: one transaction, one force to disk.
actor Batcher {
    typealias Work = @Sendable ([CollectedPad]) async throws -> PassSummary

    private final class Batch {
        var pads: [CollectedPad] = []
        var messages = 0
        var bytes = 0
        var waiting: [CheckedContinuation<Void, any Error>] = []
    }

    private let configuration: IntakeConfiguration
    private var open: Batch?
    private var running = 0
    private var turns: [CheckedContinuation<Void, Never>] = []

    init(_ configuration: IntakeConfiguration) { self.configuration = configuration }

    /// Waits until the batch that this joins is done, or throws what ended it.
    func join(_ pad: CollectedPad, _ work: @escaping Work) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let batch = open ?? Batch()
            batch.pads.append(pad)
            batch.messages += pad.collection.files.count
            batch.bytes += pad.collection.files.reduce(0) { $0 + ($1.bytes?.count ?? 0) }
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

    /// Waits until nothing runs.
    func drain() async {
        while running > 0 || open != nil {
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    private func startLater(_ batch: Batch, _ work: @escaping Work) async {
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
        let result: Result<Void, any Error>
        do {
            _ = try await work(batch.pads)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for continuation in batch.waiting { continuation.resume(with: result) }
        if turns.isEmpty { running -= 1 } else { turns.removeFirst().resume() }
    }
}
