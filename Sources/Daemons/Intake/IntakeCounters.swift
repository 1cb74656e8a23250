import Metrics

/// What intake counts, for whoever collects metrics.
struct IntakeCounters: Sendable {
    private static let words = [
        "accepted", "refused", "received", "resync", "repeated", "acknowledged", "limited", "malformed", "undecided",
    ]

    private let messages: [String: Counter]
    private let malformed: Counter
    private let again: Counter
    private let faults: Counter
    private let postponements: Counter
    private let hangs: Counter
    private let looked: Counter
    /// Of passes that brought something, until its answers lie on the pad, and of looks that failed.
    let passes: PassMeter

    init(_ metrics: any MetricsFactory) {
        messages = Dictionary(
            uniqueKeysWithValues: Self.words.map {
                ($0, Counter(label: "quartermaster_intake_messages_total", dimensions: [("outcome", $0)], factory: metrics))
            })
        malformed = Counter(label: "quartermaster_intake_quarantined_total", factory: metrics)
        again = Counter(label: "quartermaster_intake_republished_total", factory: metrics)
        faults = Counter(label: "quartermaster_intake_pad_faults_total", factory: metrics)
        postponements = Counter(label: "quartermaster_intake_postponed_total", factory: metrics)
        hangs = Counter(label: "quartermaster_intake_pad_hangs_total", factory: metrics)
        looked = Counter(label: "quartermaster_intake_looks_total", factory: metrics)
        passes = PassMeter(daemon: "intake", metrics: metrics)
    }

    func note(_ outcomes: [FileOutcome]) {
        for outcome in outcomes { messages[outcome.word]?.increment() }
    }

    func quarantined(_ count: Int) { malformed.increment(by: count) }
    func republished() { again.increment() }
    func padFault() { faults.increment() }
    func postponed() { postponements.increment() }
    func padHung() { hangs.increment() }
    func look() { looked.increment() }
}
