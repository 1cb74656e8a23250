import Identifiers
import Testing

@testable import ISCSI

@Suite struct SendTargetsTests {
    private func discover(
        _ behaviour: TargetSide.Behaviour, credentials: CHAPCredentials? = nil, options: LoginOptions = LoginOptions(), cut: Int = .max
    ) throws -> Turn<SendTargetsConversation.Answer> {
        var target = TargetSide(behaviour)
        return try talk(
            SendTargetsConversation(initiator: .test, credentials: credentials, options: options, random: .fixed), with: &target, cut: cut)
    }

    private static let account = (user: "inuser", secret: "insecret12345")
    private static let mutual = (user: "outuser", secret: "outsecret5432")
    private static let oneWay = CHAPCredentials(user: "inuser", secret: CHAPSecret("insecret12345".utf8))
    private static let both = CHAPCredentials(
        user: "inuser", secret: CHAPSecret("insecret12345".utf8), mutual: .init(user: "outuser", secret: CHAPSecret("outsecret5432".utf8)))

    @Test func aListIsToldWithItsPortalsAndTheSessionIsLoggedOut() throws {
        var target = TargetSide(
            TargetSide.Behaviour(
                targets: [
                    ("iqn.2026-11.lab.example:t1", ["192.0.2.1:3260,1", "192.0.2.2,2", "[2001:db8::1]:3261,3"]),
                    ("iqn.2026-11.lab.example:T1", ["192.0.2.1:3260,1", "array.example:860,4"]),
                    ("eui.0123456789abcdef", []),
                ], alias: "the cellar"))
        let turn = try talk(SendTargetsConversation(initiator: .test, random: .fixed), with: &target)
        func portal(_ address: String, _ tag: UInt16) throws -> TargetPortal {
            TargetPortal(address: try #require(PortalAddress(address)), groupTag: tag)
        }
        #expect(
            turn
                == .done(
                    .init(
                        targets: [
                            DiscoveredTarget(
                                name: try #require(ISCSIName("iqn.2026-11.lab.example:t1")),
                                portals: [
                                    try portal("192.0.2.1", 1), try portal("192.0.2.2", 2), try portal("[2001:db8::1]:3261", 3),
                                    try portal("array.example:860", 4),
                                ]),
                            DiscoveredTarget(name: try #require(ISCSIName("eui.0123456789abcdef"))),
                        ], alias: "the cellar")))
        #expect(target.isLoggedOut)
        #expect(
            target.heard == [
                "InitiatorName=iqn.2026-11.lab.example:host", "SessionType=Discovery", "AuthMethod=None,CHAP", "HeaderDigest=None",
                "DataDigest=None", "MaxRecvDataSegmentLength=262144", "DefaultTime2Wait=0", "DefaultTime2Retain=0", "ErrorRecoveryLevel=0",
                "SendTargets=All",
            ])
    }

    @Test func ofAListThatIsTooLongWhatCameIsListedAndTheBoundIsNamed() throws {
        let long = String(repeating: "a", count: 63)
        let address = "\([long, long, long].joined(separator: ".")).example:3260,1"
        var behaviour = TargetSide.Behaviour(
            targets: [
                ("iqn.2026-11.lab.example:t1", [String](repeating: address, count: (1 << 24) / address.utf8.count)),
                ("iqn.2026-11.lab.example:t2", [address]),
            ])
        behaviour.textLength = 262_144
        guard case .done(let answer) = try discover(behaviour) else {
            Issue.record("nothing is listed")
            return
        }
        #expect(answer.targets.map(\.spelling) == ["iqn.2026-11.lab.example:t1"] && answer.targets[0].portals.count == 1)
        #expect(answer.unusable.isEmpty)
        #expect(answer.bounds == [ReachedBound("bytes of SendTargets' answer", limit: 1 << 24)])
    }

    /// A hundred portals with such a list each would take gigabytes.
    @Test func listsThatComeAtTheSameTimeShareTheirMemory() throws {
        let addresses = (0..<4096).map { "192.0.\($0 >> 8).\($0 & 255):3260,1" }
        let behaviour = TargetSide.Behaviour(
            targets: (0..<2).map { ("iqn.2026-11.lab.example:t\($0)", addresses) } + [("iqn.2026-11.lab.example:last", [])])
        let room = ListRoom(bytes: 300_000)
        // What one has taken is there again for the next.
        for (others, targets) in [(0, 3), (0, 3), (240_000, 1), (0, 3)] {
            #expect(room.take(others))
            var target = TargetSide(behaviour)
            let turn = try talk(SendTargetsConversation(initiator: .test, random: .fixed, listRoom: room), with: &target)
            guard case .done(let answer) = turn else {
                Issue.record("\(turn)")
                return
            }
            #expect(answer.targets.count == targets)
            #expect(answer.bounds == (targets == 3 ? [] : [ReachedBound("bytes of lists at the same time", limit: ListRoom.shared)]))
            room.giveBack(others)
        }
    }

    private static let quick = LoginOptions(skipsSecurity: true)

    @Test func withoutCredentialsTheSecurityStageMayBeLeftOut() throws {
        var target = TargetSide()
        let turn = try talk(SendTargetsConversation(initiator: .test, options: Self.quick, random: .fixed), with: &target)
        #expect(try turn == discover(TargetSide.Behaviour()))
        #expect(target.isLoggedOut)
        #expect(
            target.heard == [
                "InitiatorName=iqn.2026-11.lab.example:host", "SessionType=Discovery", "HeaderDigest=None", "DataDigest=None",
                "MaxRecvDataSegmentLength=262144", "DefaultTime2Wait=0", "DefaultTime2Retain=0", "ErrorRecoveryLevel=0", "SendTargets=All",
            ])
        // With credentials it is never left out.
        target = TargetSide(TargetSide.Behaviour(account: Self.account))
        let conversation = SendTargetsConversation(initiator: .test, credentials: Self.oneWay, options: Self.quick, random: .fixed)
        guard case .done = try talk(conversation, with: &target) else {
            Issue.record("not let in")
            return
        }
    }

    @Test(arguments: [true, false])
    func aPortalThatWantsTheSecurityStageIsAskedAgainWithIt(wantsAuthentication: Bool) throws {
        var behaviour = TargetSide.Behaviour(wantsSecurityStage: true)
        if wantsAuthentication { behaviour.account = Self.account }
        let first = SendTargetsConversation(initiator: .test, options: Self.quick, random: .fixed)
        var target = TargetSide(behaviour)
        guard case .failed(let fault) = try talk(first, with: &target) else {
            Issue.record("let in")
            return
        }
        #expect(fault == (wantsAuthentication ? .authenticationWanted : .loginRefused(LoginStatus(statusClass: 2, detail: 0))))
        let second = try #require(first.again(after: fault))
        target = TargetSide(behaviour)
        let turn = try talk(second, with: &target)
        #expect(try turn == (wantsAuthentication ? .failed(.authenticationWanted) : discover(TargetSide.Behaviour())))
        #expect(second.again(after: fault) == nil)
        // What no security stage would change is not tried again.
        for fault in [
            ISCSIFault.notISCSI(found: ""), .targetNotFound, .loginRefused(LoginStatus(statusClass: 3, detail: 1)), .ended(during: .text),
        ] {
            #expect(first.again(after: fault) == nil)
        }
    }

    @Test func aTargetsOwnOffersAreAnswered() throws {
        var target = TargetSide(TargetSide.Behaviour(hesitates: true))
        guard case .done = try talk(SendTargetsConversation(initiator: .test, random: .fixed), with: &target) else {
            Issue.record("no list")
            return
        }
        #expect(target.heard.contains("MaxBurstLength=Irrelevant"))
        #expect(target.heard.contains("X-com.example.unknown=NotUnderstood"))
    }

    @Test func oneTargetIsAskedForByItsName() throws {
        var target = TargetSide()
        _ = try talk(SendTargetsConversation(initiator: .test, scope: .target("iqn.2026-11.lab.example:t1"), random: .fixed), with: &target)
        #expect(target.heard.last == "SendTargets=iqn.2026-11.lab.example:t1")
    }

    @Test(arguments: [1, 7, 511, 8192, 65536], [1, 48, 4096])
    func aThousandTargetsComeInAnyPieces(textLength: Int, cut: Int) throws {
        let names = (0..<(textLength < 64 ? 40 : 1000)).map { "iqn.2026-11.lab.example:target-\($0)" }
        let turn = try discover(
            TargetSide.Behaviour(targets: names.map { ($0, ["192.0.2.1:3260,1"]) }, textLength: textLength), cut: cut)
        guard case .done(let answer) = turn else {
            Issue.record("\(turn)")
            return
        }
        #expect(answer.targets.map(\.name.description) == names)
        #expect(answer.targets.allSatisfy { $0.portals.count == 1 })
    }

    @Test func everyCutOfAWholeExchangeGivesTheSameAnswer() throws {
        var behaviour = TargetSide.Behaviour()
        behaviour.account = Self.account
        behaviour.mutual = Self.mutual
        behaviour.pings = true
        behaviour.hesitates = true
        behaviour.loginLength = 20
        behaviour.textLength = 30
        (behaviour.headerDigest, behaviour.dataDigest) = (true, true)
        let options = LoginOptions(headerDigest: true, dataDigest: true)
        let whole = try discover(behaviour, credentials: Self.both, options: options)
        guard case .done(let answer) = whole else {
            Issue.record("\(whole)")
            return
        }
        #expect(answer.targets.map(\.name.description) == ["iqn.2026-11.lab.example:t1"])
        #expect(answer.algorithm == .sha3)
        for cut in 1..<120 { #expect(try discover(behaviour, credentials: Self.both, options: options, cut: cut) == whole) }
    }

    @Test(arguments: [true, false], [true, false])
    func digestsHoldFromTheEndOfTheLogin(header: Bool, data: Bool) throws {
        var behaviour = TargetSide.Behaviour()
        (behaviour.headerDigest, behaviour.dataDigest) = (header, data)
        guard case .done(let answer) = try discover(behaviour, options: LoginOptions(headerDigest: header, dataDigest: data)) else {
            Issue.record("no list")
            return
        }
        #expect(answer.targets.count == 1)
    }

    @Test func aPingIsAnswered() throws {
        var target = TargetSide(TargetSide.Behaviour(pings: true))
        guard case .done = try talk(SendTargetsConversation(initiator: .test, random: .fixed), with: &target) else {
            Issue.record("no list")
            return
        }
        #expect(target.pongs == 1)
    }

    @Test func whatIsNoNameOrAddressIsListedApart() throws {
        let turn = try discover(
            TargetSide.Behaviour(targets: [
                ("iqn.2026-11.lab.example:a b", ["192.0.2.1,1"]),
                ("iqn.2026-11.lab.example:t1", ["192.0.2.1:99999", "192.0.2.1,65536", "192.0.2.9"]),
            ]))
        guard case .done(let answer) = turn else {
            Issue.record("\(turn)")
            return
        }
        #expect(answer.unusable.map(\.text) == ["iqn.2026-11.lab.example:a b", "192.0.2.1:99999", "192.0.2.1,65536"])
        #expect(answer.targets.flatMap(\.portals).map(\.address.description) == ["192.0.2.9:3260"])
    }

    /// RFC 7143 sections 11.11.1, 11.11.2 and 11.11.4.
    @Test(
        arguments: [
            ((0x80, PDU.noTag), (0x40, 0x1234), nil), ((0x80, PDU.noTag), (0x00, 0), nil),
            ((0xC0, PDU.noTag), (0x40, 0x1234), "both at once"), ((0xC0, 7), (0x40, 0x1234), "both at once"),
            ((0x80, 7), (0x40, 0x1234), "7"), ((0x80, 0), (0x40, 0x1234), "0"),
            ((0x80, PDU.noTag), (0xC0, 0x1234), "both at once"), ((0x80, PDU.noTag), (0x40, PDU.noTag), "none, and no end"),
            ((0x80, PDU.noTag), (0x00, PDU.noTag), "none, and no end"),
        ] as [((UInt8, UInt32), (UInt8, UInt32), String?)])
    func theMarksOfATextResponseContradictNothing(end: (UInt8, UInt32), middle: (UInt8, UInt32), found: String?) throws {
        let turn = try discover(TargetSide.Behaviour(textLength: 40, end: end, middle: middle))
        switch (turn, found) {
        case (.done(let answer), nil): #expect(answer.targets.count == 1)
        case (.failed(.violation(_, let text)), let found?): #expect(text == found)
        default: Issue.record("\(turn)")
        }
    }

    @Test func theMutualUserIsComparedByBytes() throws {
        // Equal texts to Swift: one letter, and a letter with its mark.
        var behaviour = TargetSide.Behaviour(account: Self.account, mutual: ("user-\u{E9}", Self.mutual.secret))
        let credentials = CHAPCredentials(
            user: "inuser", secret: CHAPSecret("insecret12345".utf8),
            mutual: .init(user: "user-e\u{301}", secret: CHAPSecret("outsecret5432".utf8)))
        #expect(try discover(behaviour, credentials: credentials) == .failed(.notWhoItShouldBe(.wrongUser)))
        behaviour.mutual = ("user-e\u{301}", Self.mutual.secret)
        guard case .done = try discover(behaviour, credentials: credentials) else {
            Issue.record("not let in")
            return
        }
    }

    // MARK: authentication

    @Test(arguments: CHAPAlgorithm.available)
    func eachAlgorithmAuthenticatesBothSides(algorithm: CHAPAlgorithm) throws {
        var behaviour = TargetSide.Behaviour(account: Self.account, mutual: Self.mutual, algorithms: [algorithm])
        for challenge in [16, 50, 1024] {
            behaviour.challenge = (0..<challenge).map { UInt8(truncatingIfNeeded: $0) }
            for credentials in [Self.oneWay, Self.both] {
                guard case .done(let answer) = try discover(behaviour, credentials: credentials) else {
                    Issue.record("\(algorithm), \(challenge) bytes")
                    continue
                }
                #expect(answer.algorithm == algorithm)
            }
        }
    }

    @Test func aChallengeInBase64IsTheSameChallenge() throws {
        let behaviour = TargetSide.Behaviour(
            account: Self.account, challenge: Array("0123456789abcdef".utf8), challengeText: "0bMDEyMzQ1Njc4OWFiY2RlZg==")
        guard case .done = try discover(behaviour, credentials: Self.oneWay) else {
            Issue.record("not let in")
            return
        }
    }

    @Test func theStrongestAlgorithmIsOfferedFirst() throws {
        var target = TargetSide(TargetSide.Behaviour(account: Self.account))
        _ = try talk(SendTargetsConversation(initiator: .test, credentials: Self.oneWay, random: .fixed), with: &target)
        #expect(target.heard.contains("AuthMethod=CHAP,None"))
        #expect(target.heard.contains("CHAP_A=8,7,6,5"))
    }

    @Test func aTargetThatTakesSevenForSHA1IsTriedAgainWithMD5Alone() throws {
        let behaviour = TargetSide.Behaviour(account: Self.account, mutual: Self.mutual, isTgt: true)
        let first = SendTargetsConversation(initiator: .test, credentials: Self.both, random: .fixed)
        var target = TargetSide(behaviour)
        let turn = try talk(first, with: &target)
        let fault = ISCSIFault.authenticationRefused(LoginStatus(statusClass: 2, detail: 1), algorithm: .sha256)
        #expect(turn == .failed(fault))
        let second = try #require(first.again(after: fault))
        target = TargetSide(behaviour)
        guard case .done(let answer) = try talk(second, with: &target) else {
            Issue.record("not let in")
            return
        }
        #expect(answer.algorithm == .md5)
        #expect(second.again(after: .authenticationRefused(LoginStatus(statusClass: 2, detail: 1), algorithm: .md5)) == nil)
        #expect(first.again(after: .targetNotFound) == nil)
    }

    @Test func whatAuthenticationComesTo() throws {
        var wanting = TargetSide.Behaviour()
        wanting.account = Self.account
        #expect(try discover(wanting) == .failed(.authenticationWanted))
        wanting.account = ("inuser", "another secret")
        #expect(
            try discover(wanting, credentials: Self.oneWay)
                == .failed(.authenticationRefused(LoginStatus(statusClass: 2, detail: 1), algorithm: .sha3)))
        wanting.account = ("another", "insecret12345")
        #expect(
            try discover(wanting, credentials: Self.oneWay)
                == .failed(.authenticationRefused(.init(statusClass: 2, detail: 1), algorithm: .sha3)))
        #expect(
            try discover(wanting, credentials: Self.oneWay, options: LoginOptions(algorithms: []))
                == .failed(.noCommonAlgorithm(offered: [])))
        wanting.algorithms = [.md5]
        #expect(
            try discover(wanting, credentials: Self.oneWay, options: LoginOptions(algorithms: [.sha256]))
                == .failed(.noCommonAlgorithm(offered: [.sha256])))
        // Credentials that are not wanted do no harm; a target that was to prove itself must.
        guard case .done(let answer) = try discover(TargetSide.Behaviour(), credentials: Self.oneWay) else {
            Issue.record("not let in")
            return
        }
        #expect(answer.algorithm == nil)
        #expect(try discover(TargetSide.Behaviour(), credentials: Self.both) == .failed(.notWhoItShouldBe(.noAnswer)))
        #expect(try discover(TargetSide.Behaviour(method: "KRB5"), credentials: Self.both) == .failed(.unknownMethod("KRB5")))
        #expect(try discover(TargetSide.Behaviour(method: "Reject")) == .failed(.unknownMethod("Reject")))
    }

    @Test func aTargetThatDoesNotProveItselfIsNotUsed() throws {
        var behaviour = TargetSide.Behaviour(account: Self.account)
        #expect(try discover(behaviour, credentials: Self.both) == .failed(.notWhoItShouldBe(.noAnswer)))
        behaviour.mutual = ("outuser", "another secret")
        #expect(try discover(behaviour, credentials: Self.both) == .failed(.notWhoItShouldBe(.wrongAnswer)))
        behaviour.mutual = ("another", "outsecret5432")
        #expect(try discover(behaviour, credentials: Self.both) == .failed(.notWhoItShouldBe(.wrongUser)))
        behaviour.answersOwnChallenge = true
        #expect(try discover(behaviour, credentials: Self.both) == .failed(.notWhoItShouldBe(.reflected)))
        // The challenge that we would send is the one that it sent.
        behaviour.challenge = RandomSource.fixed.bytes(32)
        #expect(try discover(behaviour, credentials: Self.both) == .failed(.notWhoItShouldBe(.reflected)))
    }

    @Test func nothingIsSentWithCredentialsThatBreakARule() throws {
        let secret = CHAPSecret("insecret12345".utf8)
        var output: [UInt8] = []
        var conversation = SendTargetsConversation(
            initiator: .test,
            credentials: CHAPCredentials(user: "u", secret: secret, mutual: .init(user: nil, secret: CHAPSecret("insecret12345".utf8))))
        #expect(conversation.begin(&output) == .failed(.credentials(.sameSecretInBothDirections)))
        #expect(output.isEmpty)
    }

    // MARK: refusals

    @Test(
        arguments: [
            ((2, 0), .loginRefused(LoginStatus(statusClass: 2, detail: 0)), .loginRefused),
            ((2, 1), .authenticationWanted, .authenticationWanted),
            ((2, 2), .loginRefused(.init(statusClass: 2, detail: 2)), .loginRefused),
            ((2, 3), .targetNotFound, .targetNotFound), ((2, 4), .targetNotFound, .targetNotFound),
            ((3, 1), .loginRefused(.init(statusClass: 3, detail: 1)), .loginRefused),
            ((9, 9), .loginRefused(.init(statusClass: 9, detail: 9)), .loginRefused),
        ] as [((UInt8, UInt8), ISCSIFault, ISCSIOutcome)])
    func aStatusIsToldApart(status: (UInt8, UInt8), fault: ISCSIFault, outcome: ISCSIOutcome) throws {
        var behaviour = TargetSide.Behaviour()
        behaviour.refusal = (status, nil)
        #expect(try discover(behaviour) == .failed(fault))
        #expect(fault.outcome == outcome)
    }

    @Test func aRedirectionNamesTheNextAddress() throws {
        var behaviour = TargetSide.Behaviour()
        behaviour.refusal = ((1, 1), "[2001:db8::7]:3261")
        let address = try #require(PortalAddress("[2001:db8::7]:3261"))
        #expect(try discover(behaviour) == .failed(.redirected(to: address, isPermanent: false)))
        behaviour.refusal = ((1, 2), "192.0.2.7,1")
        #expect(try discover(behaviour) == .failed(.redirected(to: PortalAddress(host: .ipv4(0xC000_0207)), isPermanent: true)))
        behaviour.refusal = ((1, 1), nil)
        #expect(
            try discover(behaviour) == .failed(.violation(expected: "TargetAddress in a redirection", found: "none that is one")))
    }
}
