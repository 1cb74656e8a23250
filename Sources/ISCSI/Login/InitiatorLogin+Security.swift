extension InitiatorLogin {
    /// Without credentials "None" comes first, so that a target that leaves the choice to us is told to want none. With them CHAP comes first: some
    /// portals show authenticated initiators more.
    private var methods: String {
        guard credentials != nil else { return "None,CHAP" }
        return "CHAP,None"
    }

    func firstKeys() -> [UInt8] {
        var keys: [UInt8] = []
        TextKeys.append("InitiatorName", initiator.spelling, to: &keys)
        if let alias = initiator.alias { TextKeys.append("InitiatorAlias", alias, to: &keys) }
        switch kind {
        case .discovery: TextKeys.append("SessionType", "Discovery", to: &keys)
        case .probe(let target), .check(let target):
            TextKeys.append("SessionType", "Normal", to: &keys)
            TextKeys.append("TargetName", target, to: &keys)
        }
        if stage == .security { TextKeys.append("AuthMethod", methods, to: &keys) }
        return keys
    }

    mutating func receiveSecurity(_ keys: [String: String], transits: Bool, _ output: inout [UInt8]) throws(ISCSIFault) -> Result? {
        note(keys)
        switch security {
        case .method: return try receiveMethod(keys, transits: transits, &output)
        case .challenge:
            guard !transits else { throw .violation(expected: "a challenge of CHAP", found: "the next stage") }
            try receiveChallenge(keys, &output)
            return nil
        case .proof:
            try receiveProof(keys, transits: transits)
            return try leaveSecurity(transits: transits, &output)
        case .done: return try leaveSecurity(transits: transits, &output)
        }
    }

    private mutating func receiveMethod(_ keys: [String: String], transits: Bool, _ output: inout [UInt8]) throws(ISCSIFault) -> Result? {
        switch keys["AuthMethod"] {
        case nil, "None":
            if case .probe = kind { return .told(.none, parameters) }
            // It may go on, but it will not have proved who it is.
            guard credentials?.mutual == nil else { throw .notWhoItShouldBe(.noAnswer) }
            security = .done
            return try leaveSecurity(transits: transits, &output)
        case "CHAP":
            if case .probe = kind { return .told(.chap, parameters) }
            guard credentials != nil else { throw .authenticationWanted }
            guard !transits else { throw .violation(expected: "CHAP's algorithm to be agreed on", found: "the next stage") }
            guard !options.algorithms.isEmpty else { throw .noCommonAlgorithm(offered: []) }
            var answer: [UInt8] = []
            TextKeys.append("CHAP_A", options.algorithms.map { "\($0.rawValue)" }.joined(separator: ","), to: &answer)
            security = .challenge
            send(answer, next: false, &output)
            return nil
        case let other?:
            let method = WireText.excerpt(other)
            if case .probe = kind { return .told(.other(method), parameters) }
            throw .unknownMethod(method)
        }
    }

    private mutating func receiveChallenge(_ keys: [String: String], _ output: inout [UInt8]) throws(ISCSIFault) {
        guard let credentials else { throw .authenticationWanted }
        var exchange = try CHAPExchange(keys, offered: options.algorithms)
        let answer = try exchange.answer(credentials, random: random)
        self.exchange = exchange
        security = .proof
        send(answer, next: true, &output)
    }

    private mutating func receiveProof(_ keys: [String: String], transits: Bool) throws(ISCSIFault) {
        guard let mutual = credentials?.mutual, let exchange else {
            security = .done
            return
        }
        // A target may take one more round; it may not go on without.
        if keys["CHAP_R"] == nil, keys["CHAP_N"] == nil, !transits { return }
        try exchange.check(keys, mutual)
        security = .done
    }

    private mutating func leaveSecurity(transits: Bool, _ output: inout [UInt8]) throws(ISCSIFault) -> Result? {
        guard transits else {
            send([], next: true, &output)
            return nil
        }
        parameters.algorithm = exchange?.algorithm
        if case .check = kind { return .told(exchange == nil ? .none : .chap, parameters) }
        stage = .operational
        send(operationalKeys(), next: true, &output)
        return nil
    }

    /// What a target may tell at any time.
    private mutating func note(_ keys: [String: String]) {
        if let alias = keys["TargetAlias"], !alias.isEmpty { parameters.alias = WireText.excerpt(alias, limit: 255) }
        if let tag = keys["TargetPortalGroupTag"].flatMap({ TextValue.number($0, limit: 65535) }) { parameters.groupTag = UInt16(tag) }
    }
}
