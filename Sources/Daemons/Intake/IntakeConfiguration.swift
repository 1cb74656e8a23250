/// What the provider may set of intake. Durations are of the controller's clock.
package struct IntakeConfiguration: Sendable {
    /// The controller's version: facts that it did not know are asked for again by another one.
    package var version = ""
    /// How long an issued host certificate lasts.
    package var certificateLifetime: Duration = .seconds(365 * 86_400)
    /// How long after its end a host is still heard, so that one that was off renews through the pad.
    package var certificateGrace: Duration = .seconds(90 * 86_400)
    /// How long an answer waits to be acknowledged: a pad may be away for a week.
    package var replyLifetime: Duration = .seconds(9 * 86_400)
    /// The same for a reminder: that a message was not taken as it stands.
    package var reminderLifetime: Duration = .seconds(3_600)
    /// The first pause before an unacknowledged answer is published again; doubled each time, up to an hour.
    package var republishPause: Duration = .seconds(30)

    /// Of one file, as read.
    package var maximumMessageBytes = 16 << 20
    /// What one pass takes from one pad: more stays for the next, so that no pad starves another.
    package var messagesPerPass = 128
    package var bytesPerPass = 32 << 20
    /// When a batch is committed: by count, by size, or by time since its first message.
    package var batchMessages = 256
    package var batchBytes = 64 << 20
    package var batchDelay: Duration = .milliseconds(5)
    /// Batches that are decided at a time; others wait.
    package var pendingBatches = 3
    /// Of all pads together, from when files are read until what follows from them is done; beyond it, pads are not collected from.
    package var collectedBytes = 256 << 20

    /// What one sender may send: a bucket of so many, filled again in `senderPeriod`.
    package var messagesPerSender = 240
    package var bytesPerSender = 256 << 20
    package var senderPeriod: Duration = .seconds(60)
    /// Unread answers of one sender on one pad, without reminders; beyond it, its messages are left unanswered until it reads.
    package var pendingRepliesPerSender = 64
    /// How often one sender is told `resync`, or that it is on the wrong pad.
    package var remindersPerSender = 6
    /// How often in `senderPeriod` a sender beyond its share is told so; its other messages are left unanswered.
    package var limitNoticesPerSender = 1

    /// What keys of no host may be refused on one pad, a bucket filled again in `strangerPeriod`; beyond it they are left unanswered.
    package var strangersPerPad = 600
    package var strangerBytesPerPad = 256 << 20
    package var strangerPeriod: Duration = .seconds(3_600)
    /// So many of these refusals get audit entries of their own; the others are summed up.
    package var strangerAuditsPerPad = 60

    /// Threads that touch pads; a hung one is replaced, up to `hungWorkers` of them.
    package var padWorkers = 4
    package var hungWorkers = 256
    /// After so long in one call on a pad, its worker counts as hung.
    package var hangLimit: Duration = .seconds(5)
    /// Threads for opening and sealing; 0: one for each processor.
    package var cryptographyThreads = 0

    package init() {}
}
