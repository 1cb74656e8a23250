import Identifiers

/// Asks an iSNS server (RFC 4171) for the targets that this initiator may see, with their portals and portal groups.
///
/// One query (DevAttrQry) tells all of them. A server that does not take a node's type for a key is asked for one target after the other
/// (DevGetNext). The portals of a target that is in no portal group are asked for by its name.
package struct ISNSQuery: Conversation {
    package struct Answer: Sendable, Equatable {
        package var targets: [DiscoveredTarget]
        package var unusable: [UnusableEntry]
        /// What came was more than is taken, and the rest was left out.
        package var bounds: [ReachedBound]

        package init(targets: [DiscoveredTarget] = [], unusable: [UnusableEntry] = [], bounds: [ReachedBound] = []) {
            self.bounds = bounds
            self.targets = targets
            self.unusable = unusable
        }
    }

    /// Targets that are asked for one by one.
    package static let mostSingleQueries = 4096

    private enum Phase: Sendable {
        case list
        /// After this name.
        case next(String)
        /// Of the target with this index.
        case portals(Int)
        case over(Turn<Answer>)
    }

    private let initiator: InitiatorIdentity
    private let target: String?
    private var transaction: ISNSTransaction
    private var phase = Phase.list
    private var objects: ISNSObjects?
    private var singleQueries = 0

    /// All targets, or the one of the name `target`.
    package init(initiator: InitiatorIdentity, target: String? = nil, random: RandomSource = .system) {
        self.initiator = initiator
        self.target = target
        transaction = ISNSTransaction(random: random)
    }

    package mutating func begin(_ output: inout [UInt8]) -> Turn<Answer> {
        typealias Tag = ISNSAttribute.Tag
        let key = target.map { ISNSAttribute(Tag.iscsiName, text: $0) } ?? ISNSAttribute(Tag.nodeType, number: 1)
        ask(ISNSMessage.Function.query, key: [key], Self.wanted, &output)
        return .more
    }

    package mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Answer> {
        if case .over(let turn) = phase { return turn }
        transaction.append(input)
        do throws(ISCSIFault) {
            while let response = try transaction.next() {
                if let answer = try receive(response, &output) { return end(.done(answer)) }
            }
            return .more
        } catch {
            return end(.failed(error))
        }
    }

    package mutating func ended() -> Turn<Answer> {
        if case .over(let turn) = phase { return turn }
        return end(.failed(transaction.ended))
    }

    /// Of a server that takes no query by type: invalid query, message not supported.
    private static let notTaken: Set<UInt32> = [5, 15]

    /// Names of the node, then of its portal groups; empty, to be filled.
    private static let wanted: [ISNSAttribute] = {
        typealias Tag = ISNSAttribute.Tag
        return [Tag.iscsiName, Tag.nodeType, Tag.alias, Tag.groupName, Tag.groupAddress, Tag.groupPort, Tag.groupTag].map {
            ISNSAttribute($0)
        }
    }()

    private mutating func ask(_ function: UInt16, key: [ISNSAttribute], _ operating: [ISNSAttribute], _ output: inout [UInt8]) {
        transaction.send(function, source: initiator.spelling, key: key, operating: operating, &output)
    }

    private mutating func end(_ turn: Turn<Answer>) -> Turn<Answer> {
        phase = .over(turn)
        objects = nil
        return turn
    }

    private mutating func receive(_ response: ISNSTransaction.Response, _ output: inout [UInt8]) throws(ISCSIFault) -> Answer? {
        typealias Tag = ISNSAttribute.Tag
        let (status, attributes) = (response.status, response.attributes)
        let found = attributes.firstIndex { $0.tag == Tag.delimiter }.map { Array(attributes[($0 + 1)...]) } ?? []
        switch phase {
        case .list:
            if Self.notTaken.contains(status), target == nil { return next(after: "", &output) }
            guard status == 0 || status == ISNSStatus.noSuchEntry else { throw .isnsRefused(status: status) }
            objects = ISNSObjects(found)
            if let bound = response.bound { return answer(bound) }
            return portals(of: 0, &output)
        case .next:
            if status == ISNSStatus.noSuchEntry { return portals(of: 0, &output) }
            guard status == 0 else { throw .isnsRefused(status: status) }
            // The key comes back as the name of what was found.
            guard let name = attributes.first(where: { $0.tag == Tag.iscsiName })?.text, !name.isEmpty else {
                throw .violation(expected: "the name of the next node", found: "none")
            }
            if case .next(name) = phase { throw .violation(expected: "the next node", found: "the same again") }
            var all = objects
            if all == nil { all = ISNSObjects(found) } else { all?.add(found) }
            objects = all
            if let bound = response.bound { return answer(bound) }
            return next(after: name, &output)
        case .portals(let index):
            guard status == 0 || status == ISNSStatus.noSuchEntry else { throw .isnsRefused(status: status) }
            objects?.give(ISNSObjects(found), to: index)
            if let bound = response.bound { return answer(bound) }
            return portals(of: index + 1, &output)
        case .over: return nil
        }
    }

    /// What is known, where no more is read or asked.
    private func answer(_ bound: ReachedBound? = nil) -> Answer {
        Answer(
            targets: objects?.targets ?? [], unusable: objects?.unusable ?? [],
            bounds: (objects?.bounds ?? []) + (bound.map { [$0] } ?? []))
    }

    private static let tooManyQueries = ReachedBound("queries for single targets", limit: mostSingleQueries)

    private mutating func next(after name: String, _ output: inout [UInt8]) -> Answer? {
        guard count() else { return answer(Self.tooManyQueries) }
        phase = .next(name)
        let key = name.isEmpty ? ISNSAttribute(ISNSAttribute.Tag.iscsiName) : ISNSAttribute(ISNSAttribute.Tag.iscsiName, text: name)
        // The type restricts what is found (RFC 4171 section 5.6.5.3).
        ask(ISNSMessage.Function.getNext, key: [key], [ISNSAttribute(ISNSAttribute.Tag.nodeType, number: 1)] + Self.wanted, &output)
        return nil
    }

    /// Asks for the portals of the first target from `index` on that has none; the answer where all have.
    private mutating func portals(of index: Int, _ output: inout [UInt8]) -> Answer? {
        guard let objects, objects.hasRoom, let place = objects.targets[index...].firstIndex(where: \.portals.isEmpty) else {
            return answer()
        }
        guard count() else { return answer(Self.tooManyQueries) }
        phase = .portals(place)
        typealias Tag = ISNSAttribute.Tag
        ask(
            ISNSMessage.Function.query, key: [ISNSAttribute(Tag.iscsiName, text: objects.targets[place].spelling)],
            [ISNSAttribute(Tag.portalAddress), ISNSAttribute(Tag.portalPort)], &output)
        return nil
    }

    private mutating func count() -> Bool {
        singleQueries += 1
        return singleQueries <= Self.mostSingleQueries
    }
}
