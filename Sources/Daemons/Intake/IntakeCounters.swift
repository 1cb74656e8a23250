import Metrics

/// What intake counts, for whoever collects metrics.
struct IntakeCounters: Sendable {
    private static let words = [
        "accepted", "refused", "received", "resync", "repeated", "acknowledged", "limited", "malformed", "undecided",
    ]

    private let messages: [String: Counter]
    private let malformed = Counter(label: "quartermaster_intake_quarantined_total")
    private let again = Counter(label: "quartermaster_intake_republished_total")
    private let faults = Counter(label: "quartermaster_intake_pad_faults_total")
    private let postponements = Counter(label: "quartermaster_intake_postponed_total")
    private let hangs = Counter(label: "quartermaster_intake_pad_hangs_total")

    init() {
        messages = Dictionary(
            uniqueKeysWithValues: Self.words.map {
                ($0, Counter(label: "quartermaster_intake_messages_total", dimensions: [("outcome", $0)]))
            })
    }

    func note(_ outcomes: [FileOutcome]) {
        for outcome in outcomes { messages[outcome.word]?.increment() }
    }

    func quarantined(_ count: Int) { malformed.increment(by: count) }
    func republished() { again.increment() }
    func padFault() { faults.increment() }
    func postponed() { postponements.increment() }
    func padHung() { hangs.increment() }
}
