/// How intake stands now, for a reader of metrics.
package struct IntakeLoad: Equatable, Sendable {
    /// Pads that are looked at.
    package var pads = 0
    /// Of these, those whose last look failed.
    package var faultyPads = 0
    /// Of these, those that were not taken up yet: their header is to be verified or written.
    package var pendingPads = 0
    package var queues: [QueueLength] = []
}

extension Intake {
    package var load: IntakeLoad {
        var load = IntakeLoad()
        var (passes, answers) = (0, 0)
        for station in allStations {
            station.standing.withLock { standing in
                load.pads += 1
                if standing.fault != nil { load.faultyPads += 1 } else if !standing.isTakenUp { load.pendingPads += 1 }
                if standing.isBusy { passes += 1 }
                answers += standing.pending.count
            }
        }
        load.queues = [
            QueueLength(daemon: "intake", queue: "passes", length: passes),
            QueueLength(daemon: "intake", queue: "answers", length: answers),
            QueueLength(daemon: "intake", queue: "postponed-pads", length: budget.waitingCount),
        ]
        return load
    }
}
