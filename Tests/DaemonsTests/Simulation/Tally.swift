import PadSimulation

/// What histories did and met, in sums: a simulation in which nothing happens proves nothing.
struct Tally: Equatable, Sendable, CustomStringConvertible {
    /// What was counted, in the order in which it is printed.
    enum Subject: String, CaseIterable, Sendable {
        case histories
        case registrations = "registrations accepted"
        case events = "events applied"
        case inventories = "inventories taken"
        case instructions = "instructions carried out"
        case hostCrashes = "crashes of hosts"
        case controllerCrashes = "crashes of the controller"
        case stateFaults = "faults of state directories"
        case lost = "names lost"
        case torn = "contents torn"
        case failed = "calls failed"
        case replayed = "files replayed"
        case removed = "files removed by the neighbour"
        case swapped = "files swapped"
        case forged = "files forged"
        case clockSteps = "steps of clocks"
        case rotations = "keys rotated"
        case snapshots = "snapshots restored"
        case forks = "forks found"
        case reregistrations = "registrations renewed by an administrator"
    }

    private var counts: [Subject: Int] = [.histories: 1]

    static let none = Tally(counts: [:])

    init() {}
    private init(counts: [Subject: Int]) { self.counts = counts }

    subscript(_ subject: Subject) -> Int {
        get { counts[subject] ?? 0 }
        set { counts[subject] = newValue }
    }

    mutating func add(_ met: SimulatedStorage.Met) {
        self[.lost] += met.lost
        self[.torn] += met.torn
        self[.failed] += met.failed
    }

    mutating func add(_ other: Tally) { counts.merge(other.counts, uniquingKeysWith: +) }

    var description: String {
        Subject.allCases.filter { self[$0] > 0 }.map { "\(self[$0]) \($0.rawValue)" }.joined(separator: ", ")
    }

    static func == (left: Tally, right: Tally) -> Bool { Subject.allCases.allSatisfy { left[$0] == right[$0] } }
}
