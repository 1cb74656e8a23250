import ScratchPad

/// Forces out what many pads of one file system have delivered with one `syncfs`: it forces out everything there anyway.
///
/// The first pad that is done waits a little for those that still deliver, and no longer than `patience` for one that hangs. Whoever comes
/// while a flush is under way waits for the next.
actor FileSystemFlushes {
    /// What is to be forced out for a pad.
    enum Target: Sendable {
        case nothing
        /// The pad's own storage, which is not known to be any other's.
        case own
        /// The file system of that number (`PadMedium.fileSystem`).
        case shared(UInt64)
    }

    /// Forces out the file system of the pad that it belongs to; what went wrong.
    typealias Flush = @Sendable () async -> PadError?

    private struct Group {
        var waiting: [CheckedContinuation<PadError?, Never>] = []
        /// That of the first that waits.
        var flush: Flush?
        var isRunning = false
        /// Told apart from the groups that waited here before.
        var number = 0
    }

    private var groups: [UInt64: Group] = [:]
    private var delivering = 0
    private let patience: Duration

    init(patience: Duration = .milliseconds(50)) { self.patience = patience }

    /// A pad begins to deliver: `end` follows, whatever happens.
    func begin() { delivering += 1 }

    /// A pad has delivered. Returns when that is forced out, or what went wrong with it.
    func end(on target: Target, _ flush: @escaping Flush) async -> PadError? {
        delivering -= 1
        if case .shared(let fileSystem) = target { return await join(fileSystem, flush) }
        if delivering == 0 { startAll() }
        guard case .own = target else { return nil }
        return await flush()
    }

    private func join(_ fileSystem: UInt64, _ flush: @escaping Flush) async -> PadError? {
        await withCheckedContinuation { continuation in
            var group = groups[fileSystem] ?? Group()
            group.waiting.append(continuation)
            if group.flush == nil {
                group.flush = flush
                group.number += 1
            }
            groups[fileSystem] = group
            if delivering == 0 {
                startAll()
            } else if group.waiting.count == 1, !group.isRunning {
                Task { await self.startLater(fileSystem, group.number) }
            }
        }
    }

    private func startLater(_ fileSystem: UInt64, _ number: Int) async {
        try? await Task.sleep(for: patience)
        if let group = groups[fileSystem], group.number == number { start(fileSystem) }
    }

    private func startAll() {
        for fileSystem in Array(groups.keys) { start(fileSystem) }
    }

    private func start(_ fileSystem: UInt64) {
        guard var group = groups[fileSystem], !group.isRunning, let flush = group.flush else { return }
        let waiting = group.waiting
        (group.waiting, group.flush, group.isRunning) = ([], nil, true)
        groups[fileSystem] = group
        Task {
            let failure = await flush()
            self.ended(fileSystem)
            for continuation in waiting { continuation.resume(returning: failure) }
        }
    }

    private func ended(_ fileSystem: UInt64) {
        guard let group = groups[fileSystem] else { return }
        groups[fileSystem]?.isRunning = false
        if group.waiting.isEmpty {
            groups[fileSystem] = nil
        } else if delivering == 0 {
            start(fileSystem)
        } else {
            Task { await self.startLater(fileSystem, group.number) }
        }
    }
}
