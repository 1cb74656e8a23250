/// The security stage of a login, to its end and no further: whoever asks is told what the target wants or takes, and closes the connection before the
/// full feature phase. `SecurityProbe` and `CredentialCheck` speak it, each with its own kind of login and its own answer.
struct SecurityStage: Sendable {
    struct Told: Sendable, Equatable {
        var authentication: SecurityProbe.Authentication
        var parameters: SessionParameters
    }

    private(set) var login: InitiatorLogin
    private var assembler: PDUAssembler
    private var result: Turn<Told>?

    /// `receiveLength` bounds the answer's PDUs.
    init(_ login: InitiatorLogin, receiveLength: Int) {
        self.login = login
        assembler = PDUAssembler(limit: receiveLength)
    }

    mutating func begin(_ output: inout [UInt8]) -> Turn<Told> {
        do throws(ISCSIFault) {
            try login.begin(&output)
            return .more
        } catch {
            return end(.failed(error))
        }
    }

    mutating func receive(_ input: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Turn<Told> {
        if let result { return result }
        assembler.append(input)
        do throws(ISCSIFault) {
            while let pdu = try assembler.next() {
                if case .told(let authentication, let parameters)? = try login.receive(pdu, &output) {
                    return end(.done(Told(authentication: authentication, parameters: parameters)))
                }
            }
            return .more
        } catch {
            return end(.failed(error))
        }
    }

    mutating func ended() -> Turn<Told> {
        if let result { return result }
        let isSilent = assembler.hasNone && assembler.isEmpty
        return end(.failed(isSilent ? .notISCSI(found: "the connection ended without an answer") : .ended(during: login.step)))
    }

    private mutating func end(_ turn: Turn<Told>) -> Turn<Told> {
        result = turn
        return turn
    }
}
