import PluginProtocol

/// A fault that is planted for a method: `METHOD:KIND[:COUNT]`, e.g. `volume.resize:unavailable:2`. `*` stands for every method.
struct Fault: Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        /// This error in place of the answer.
        case error(PluginFaultKind)
        /// `delay=250ms`, `delay=2s`: the answer comes later.
        case delay(Duration)
        /// This request is never answered.
        case hang
        /// The whole process stops for good, as under SIGSTOP.
        case freeze
        /// A line that is no JSON, in place of the answer.
        case garbage
        /// Such lines without end.
        case flood
        /// A line longer than the protocol allows.
        case longLine
        /// Lines on standard error without end, then the answer never.
        case floodLog
        /// The process ends before anything is done.
        case crash
        /// The process ends after it was done, before the answer.
        case crashAfter
        /// An answer that cannot be so: an ID twice, another serial number, masking of what is not there.
        case lie
        /// An answer to a request that nobody sent.
        case unknownID
    }

    var method: String
    var kind: Kind
    /// How often it still strikes.
    var count: Int

    /// Nil with the reason where `text` is no fault.
    static func parse(_ text: String) -> Result<Fault, PluginFault> {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        func refuse(_ reason: String) -> Result<Fault, PluginFault> { .failure(.invalid("fault", "\"\(text)\" \(reason)")) }
        guard (2...3).contains(parts.count) else { return refuse("is not METHOD:KIND or METHOD:KIND:COUNT") }
        guard parts[0] == "*" || PluginMethod(rawValue: parts[0]) != nil else { return refuse("names no method") }
        guard let kind = kind(parts[1]) else { return refuse("names no kind of fault; there are \(kindNames)") }
        guard let count = parts.count == 3 ? Int(parts[2]) : 1, count > 0 else { return refuse("has a count that is no positive number") }
        return .success(Fault(method: parts[0], kind: kind, count: count))
    }

    /// Several, by comma.
    static func parse(list: String) throws(PluginFault) -> [Fault] {
        var faults: [Fault] = []
        for part in list.split(separator: ",") { faults.append(try parse(part.trimmingSpaces()).get()) }
        return faults
    }

    func strikes(_ other: String) -> Bool { count > 0 && (method == "*" || method == other) }

    private static let words: [String: Kind] = [
        "hang": .hang, "freeze": .freeze, "garbage": .garbage, "flood": .flood, "long-line": .longLine, "flood-log": .floodLog,
        "crash": .crash, "crash-after": .crashAfter, "lie": .lie, "unknown-id": .unknownID,
    ]

    private static var kindNames: String {
        (PluginFaultKind.allCases.map(\.rawValue) + words.keys.sorted() + ["delay=250ms"]).joined(separator: ", ")
    }

    private static func kind(_ text: String) -> Kind? {
        if let kind = PluginFaultKind(rawValue: text) { return .error(kind) }
        if text.hasPrefix("delay=") { return duration(text.dropFirst(6)).map { .delay($0) } }
        return words[text]
    }

    private static func duration(_ text: Substring) -> Duration? {
        if text.hasSuffix("ms") { return Int64(text.dropLast(2)).flatMap { $0 >= 0 ? .milliseconds($0) : nil } }
        if text.hasSuffix("s") { return Int64(text.dropLast()).flatMap { $0 >= 0 ? .seconds($0) : nil } }
        return nil
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
