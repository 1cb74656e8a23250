/// What `tgtadm --lld iscsi --mode target --op show` printed.
///
/// Four spaces a level; each target has these five sections, in this order, once each:
///
///     Target 1: iqn.2026-11.example.array:ledger
///         System information:
///             Driver: iscsi
///             State: ready
///         I_T nexus information:
///             I_T nexus: 5
///                 Initiator: iqn.2026-11.example.host:a alias: none
///                 Connection: 0
///                     IP Address: 127.0.0.1
///         LUN information:
///             LUN: 1
///                 Type: disk
///                 …
///         Account information:
///             user
///             user (outgoing)
///         ACL information:
///             127.0.0.0/8
///             iqn.2026-11.example.host:a
///
/// Names that initiators choose stand in it as they are, newlines included: whoever may log in could write lines of his own. So nothing but
/// exactly this is read, no target stands twice, and the targets must be those of a second listing that has no initiators in it.
struct TargetListing: Equatable, Sendable {
    struct Target: Equatable, Sendable {
        var number: Int
        var name: String
        var state = ""
        var nexuses: [Nexus] = []
        var units: [Unit] = []
        var accounts: [Account] = []
        /// Addresses, `ALL` and initiators' names, as they were bound.
        var accessControl: [String] = []
    }

    struct Nexus: Equatable, Sendable {
        var initiator: String
        var addresses: [String] = []
    }

    struct Account: Equatable, Sendable {
        var user: String
        /// The target proves itself with it.
        var isOutgoing: Bool
    }

    /// A logical unit, with what is printed of it by name.
    struct Unit: Equatable, Sendable {
        var number: Int64
        var values: [String: String] = [:]

        var type: String { values["Type"] ?? "" }
        var scsiID: String { values["SCSI ID"] ?? "" }
        var isOnline: Bool { values["Online"] == "Yes" }
        var isReadOnly: Bool { values["Readonly"] == "Yes" }
        /// Nil for `None`.
        var path: String? { values["Backing store path"].flatMap { $0 == "None" ? nil : $0 } }

        /// The size in millions of bytes, rounded, as `Size: 105 MB, Block size: 512` has it.
        var megabytes: Int64? {
            values["Size"]?.halves(at: " MB,").flatMap { Int64($0.before) }
        }
    }

    struct Malformed: Error, Equatable {
        let line: Int
        let expected: String
    }

    var targets: [Target]

    init(targets: [Target]) { self.targets = targets }

    init(parsing bytes: [UInt8]) throws(Malformed) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed(line: 0, expected: "UTF-8") }
        var lines = Lines(text)
        targets = []
        while !lines.isAtEnd { targets.append(try Self.target(&lines)) }
        guard Set(targets.map(\.number)).count == targets.count, Set(targets.map(\.name)).count == targets.count else {
            throw Malformed(line: lines.number, expected: "each target once")
        }
    }

    /// The targets that `tgtadm --mode lld --op show` names, by number: no text of an initiator's is in it.
    static func targets(ofDrivers bytes: [UInt8]) throws(Malformed) -> [Int: String] {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed(line: 0, expected: "UTF-8") }
        var lines = Lines(text)
        try lines.expect("LLDs:", level: 0)
        var targets: [Int: String] = [:]
        while !lines.isAtEnd {
            if let head = lines.take(level: 2) {
                guard let (number, name) = numbered(head, "Target"), targets.updateValue(name, forKey: number) == nil else {
                    throw lines.malformed("a target, once")
                }
            } else if lines.take(level: 1) == nil {
                throw lines.malformed("a driver or a target")
            }
        }
        return targets
    }

    /// `Portal: 127.0.0.1:3260,1` each; the address with its port, and the portal group tag.
    static func portals(_ bytes: [UInt8]) throws(Malformed) -> [(portal: String, tag: Int64)] {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed(line: 0, expected: "UTF-8") }
        var lines = Lines(text)
        var portals: [(portal: String, tag: Int64)] = []
        while let line = lines.take(level: 0) {
            guard line.hasPrefix("Portal: "), let comma = line.lastIndex(of: ","), let tag = Int64(line[line.index(after: comma)...]),
                (0...65535).contains(tag)
            else { throw lines.malformed("Portal: address:port,tag") }
            portals.append((String(line[..<comma].dropFirst(8)), tag))
        }
        guard lines.isAtEnd else { throw lines.malformed("Portal: address:port,tag") }
        return portals
    }

    // MARK: Sections

    private static func target(_ lines: inout Lines) throws(Malformed) -> Target {
        guard let head = lines.take(level: 0), let (number, name) = numbered(head, "Target"), !name.isEmpty else {
            throw lines.malformed("Target N: name")
        }
        var target = Target(number: number, name: name)
        try lines.expect("System information:", level: 1)
        try lines.expect("Driver: iscsi", level: 2)
        guard let state = lines.take(level: 2), state.hasPrefix("State: ") else { throw lines.malformed("State: …") }
        target.state = String(state.dropFirst(7))
        try lines.expect("I_T nexus information:", level: 1)
        while let head = lines.take(level: 2) {
            guard head.hasPrefix("I_T nexus: "), Int(head.dropFirst(11)) != nil else { throw lines.malformed("I_T nexus: N") }
            target.nexuses.append(try nexus(&lines))
        }
        try lines.expect("LUN information:", level: 1)
        while let head = lines.take(level: 2) {
            guard head.hasPrefix("LUN: "), let number = Int64(head.dropFirst(5)), (0...16383).contains(number) else {
                throw lines.malformed("LUN: N")
            }
            guard !target.units.contains(where: { $0.number == number }) else { throw lines.malformed("each LUN once") }
            target.units.append(try unit(number, &lines))
        }
        try lines.expect("Account information:", level: 1)
        while let line = lines.take(level: 2) {
            let isOutgoing = line.hasSuffix(" (outgoing)")
            target.accounts.append(Account(user: isOutgoing ? String(line.dropLast(11)) : line, isOutgoing: isOutgoing))
        }
        try lines.expect("ACL information:", level: 1)
        while let line = lines.take(level: 2) { target.accessControl.append(line) }
        return target
    }

    private static func nexus(_ lines: inout Lines) throws(Malformed) -> Nexus {
        guard let line = lines.take(level: 3), line.hasPrefix("Initiator: "), let halves = line.halves(at: " alias: ") else {
            throw lines.malformed("Initiator: name alias: …")
        }
        var nexus = Nexus(initiator: String(halves.before.dropFirst(11)))
        while let line = lines.take(level: 3) {
            guard line.hasPrefix("Connection: "), Int(line.dropFirst(12)) != nil else { throw lines.malformed("Connection: N") }
            guard let address = lines.take(level: 4), address.hasPrefix("IP Address: ") else { throw lines.malformed("IP Address: …") }
            nexus.addresses.append(String(address.dropFirst(12)))
        }
        return nexus
    }

    private static let neededKeys: Set<String> = ["Type", "SCSI ID", "Size", "Online", "Readonly", "Backing store path"]

    private static func unit(_ number: Int64, _ lines: inout Lines) throws(Malformed) -> Unit {
        var unit = Unit(number: number)
        while let line = lines.take(level: 3) {
            // `Backing store flags:` has nothing behind it but a space.
            guard let (key, value) = line.halves(at: ": ") else { throw lines.malformed("key: value") }
            guard unit.values.updateValue(value, forKey: key) == nil else { throw lines.malformed("\(key) once") }
        }
        guard neededKeys.isSubset(of: unit.values.keys) else {
            throw lines.malformed("all of \(neededKeys.sorted().joined(separator: ", "))")
        }
        return unit
    }

    private static func numbered(_ line: String, _ word: String) -> (Int, String)? {
        guard line.hasPrefix(word + " "), let (head, name) = line.halves(at: ": ") else { return nil }
        let digits = head.dropFirst(word.utf8.count + 1)
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(digits) else { return nil }
        return (number, name)
    }
}
