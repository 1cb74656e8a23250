/// One exchange of CHAP as the initiator (RFC 7143 section 12.1.3, RFC 1994):
///
///     I→T  CHAP_A=8,7,6,5
///     T→I  CHAP_A=7  CHAP_I=<0..255>  CHAP_C=<challenge>
///     I→T  CHAP_N=<user>  CHAP_R=<response>  [CHAP_I=<0..255>  CHAP_C=<our challenge>]
///     T→I  [CHAP_N=<mutual user>  CHAP_R=<response>]
struct CHAPExchange: Sendable {
    /// A challenge is 16 bytes at least, so that answers cannot be collected beforehand, and 1024 at most.
    static let challengeLengths = 16...1024

    let algorithm: CHAPAlgorithm
    private let identifier: UInt8
    private let challenge: [UInt8]
    private var ourIdentifier: UInt8 = 0
    private var ourChallenge: [UInt8] = []
    private var ourResponse: [UInt8] = []

    /// From the target's choice and challenge.
    init(_ keys: [String: String], offered: [CHAPAlgorithm]) throws(ISCSIFault) {
        guard let choice = keys["CHAP_A"] else { throw .violation(expected: "CHAP_A", found: "a text without it") }
        guard let number = TextValue.number(choice, limit: 255) else {
            if choice == "Reject" || choice == "None" { throw .noCommonAlgorithm(offered: offered) }
            throw .violation(expected: "one number in CHAP_A", found: WireText.excerpt(choice))
        }
        guard let algorithm = CHAPAlgorithm(rawValue: UInt8(number)), offered.contains(algorithm) else {
            throw .violation(expected: "one of the algorithms that were offered in CHAP_A", found: "\(number)")
        }
        guard let identifier = keys["CHAP_I"].flatMap({ TextValue.number($0, limit: 255) }) else {
            throw .violation(expected: "CHAP_I of 0 to 255", found: WireText.excerpt(keys["CHAP_I"] ?? "none"))
        }
        guard let challenge = keys["CHAP_C"].flatMap({ TextValue.binary($0, limit: Self.challengeLengths.upperBound) }),
            Self.challengeLengths.contains(challenge.count)
        else { throw .violation(expected: "CHAP_C of 16 to 1024 bytes", found: keys["CHAP_C"] == nil ? "none" : "another value") }
        self.algorithm = algorithm
        self.identifier = UInt8(number: identifier)
        self.challenge = challenge
    }

    /// Name and response, and with mutual credentials a challenge of our own.
    mutating func answer(_ credentials: CHAPCredentials, random: RandomSource) throws(ISCSIFault) -> [UInt8] {
        guard let response = algorithm.response(identifier: identifier, secret: credentials.secret, challenge: challenge) else {
            throw .noCommonAlgorithm(offered: [algorithm])
        }
        ourResponse = response
        var keys: [UInt8] = []
        TextKeys.append("CHAP_N", credentials.user, to: &keys)
        TextKeys.append("CHAP_R", TextValue.hexadecimal(response), to: &keys)
        guard credentials.mutual != nil else { return keys }
        ourIdentifier = random.bytes(1)[0]
        ourChallenge = random.bytes(max(Self.challengeLengths.lowerBound, algorithm.length))
        // The target's own challenge sent back would have it answer for us; random bytes never are.
        guard ourChallenge != challenge else { throw .notWhoItShouldBe(.reflected) }
        TextKeys.append("CHAP_I", "\(ourIdentifier)", to: &keys)
        TextKeys.append("CHAP_C", TextValue.hexadecimal(ourChallenge), to: &keys)
        return keys
    }

    /// Whether the target knows the mutual secret.
    func check(_ keys: [String: String], _ mutual: CHAPCredentials.Mutual) throws(ISCSIFault) {
        guard let name = keys["CHAP_N"], let text = keys["CHAP_R"] else { throw .notWhoItShouldBe(.noAnswer) }
        guard let response = TextValue.binary(text, limit: 64),
            let expected = algorithm.response(identifier: ourIdentifier, secret: mutual.secret, challenge: ourChallenge)
        else { throw .notWhoItShouldBe(.wrongAnswer) }
        guard response != ourResponse else { throw .notWhoItShouldBe(.reflected) }
        guard CHAPSecret(response).isEqual(to: CHAPSecret(expected)) else { throw .notWhoItShouldBe(.wrongAnswer) }
        // By bytes: equal texts of Swift's may be other bytes.
        guard mutual.user.map({ $0.utf8.elementsEqual(name.utf8) }) ?? true else { throw .notWhoItShouldBe(.wrongUser) }
    }
}

extension UInt8 {
    /// Of a number that was held to 255 already.
    fileprivate init(number: UInt32) { self = UInt8(truncatingIfNeeded: number) }
}
