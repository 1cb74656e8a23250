import Identifiers

/// Opens the security stage of a normal login to one target, to learn whether it wants authentication, and closes the connection: no session
/// comes to be, and no credentials are sent.
///
/// AuthMethod is offered as None,CHAP: the target takes the first that it allows, so that CHAP means that it insists.
package struct SecurityProbe: Conversation {
    package struct Answer: Sendable, Equatable {
        package var authentication: Authentication
        package var alias: String?
        package var groupTag: UInt16?

        package init(authentication: Authentication, alias: String? = nil, groupTag: UInt16? = nil) {
            self.authentication = authentication
            self.alias = alias
            self.groupTag = groupTag
        }
    }

    package enum Authentication: Sendable, Equatable {
        case none, chap
        /// It wants a method that is neither; an excerpt of its name.
        case other(String)
    }

    private var login: InitiatorLogin
    private var assembler: PDUAssembler
    private var result: Turn<Answer>?

    /// `target` as the portal spells it.
    package init(initiator: InitiatorIdentity, target: String, random: RandomSource = .system) {
        login = InitiatorLogin(
            kind: .probe(target: target), initiator: initiator, credentials: nil, options: LoginOptions(algorithms: []), random: random)
        assembler = PDUAssembler(limit: login.options.receiveLength)
    }

    package mutating func begin(_ output: inout [UInt8]) -> Turn<Answer> {
        do throws(ISCSIFault) {
            try login.begin(&output)
            return .more
        } catch {
            return end(.failed(error))
        }
    }

    package mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Answer> {
        if let result { return result }
        assembler.append(input)
        do throws(ISCSIFault) {
            while let pdu = try assembler.next() {
                if case .told(let authentication, let parameters)? = try login.receive(pdu, &output) {
                    return end(.done(Answer(authentication: authentication, alias: parameters.alias, groupTag: parameters.groupTag)))
                }
            }
            return .more
        } catch .authenticationWanted {
            // Refused with 2/1 because nothing was offered that it takes: CHAP, as nothing else is in use.
            return end(.done(Answer(authentication: .chap)))
        } catch {
            return end(.failed(error))
        }
    }

    package mutating func ended() -> Turn<Answer> {
        if let result { return result }
        let isSilent = assembler.hasNone && assembler.isEmpty
        return end(.failed(isSilent ? .notISCSI(found: "the connection ended without an answer") : .ended(during: .login)))
    }

    private mutating func end(_ turn: Turn<Answer>) -> Turn<Answer> {
        result = turn
        return turn
    }
}
