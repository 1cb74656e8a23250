import ISCSI
import Testing

/// The probe of a target's security stage, and the check of credentials against it.
@Suite struct SecurityStageTests {
    private static let name = "iqn.2026-11.lab.example:t1"
    private static let account = (user: "inuser", secret: "insecret12345")

    @Test func aProbeTellsWhatATargetWantsAndGoesNoFurther() throws {
        var target = TargetSide(TargetSide.Behaviour(alias: "cellar"))
        let probe = SecurityProbe(initiator: .test, target: Self.name, random: .fixed)
        #expect(try talk(probe, with: &target) == .done(.init(authentication: .none, alias: "cellar")))
        #expect(
            target.heard == [
                "InitiatorName=iqn.2026-11.lab.example:host", "SessionType=Normal", "TargetName=\(Self.name)", "AuthMethod=None,CHAP",
            ])

        target = TargetSide(TargetSide.Behaviour(account: Self.account))
        #expect(try talk(probe, with: &target) == .done(.init(authentication: .chap)))
        #expect(target.heard.count == 4)

        target = TargetSide(TargetSide.Behaviour(method: "SRP"))
        #expect(try talk(probe, with: &target) == .done(.init(authentication: .other("SRP"))))

        var behaviour = TargetSide.Behaviour()
        behaviour.refusal = ((2, 1), nil)
        target = TargetSide(behaviour)
        #expect(try talk(probe, with: &target) == .done(.init(authentication: .chap)))
        behaviour.refusal = ((2, 3), nil)
        target = TargetSide(behaviour)
        #expect(try talk(probe, with: &target) == .failed(.targetNotFound))
    }

    @Test func aCheckEndsWithTheSecurityStage() throws {
        let credentials = CHAPCredentials(
            user: "inuser", secret: CHAPSecret("insecret12345".utf8),
            mutual: .init(user: "outuser", secret: CHAPSecret("outsecret5432".utf8)))
        var target = TargetSide(TargetSide.Behaviour(account: Self.account, mutual: ("outuser", "outsecret5432")))
        let check = CredentialCheck(initiator: .test, target: Self.name, credentials: credentials, random: .fixed)
        #expect(try talk(check, with: &target) == .done(.init(algorithm: .sha3)))
        #expect(!target.heard.contains { $0.hasPrefix("HeaderDigest") })

        target = TargetSide(TargetSide.Behaviour(account: Self.account, mutual: ("outuser", "outsecret5433")))
        #expect(try talk(check, with: &target) == .failed(.notWhoItShouldBe(.wrongAnswer)))

        target = TargetSide(TargetSide.Behaviour(account: Self.account))
        #expect(try talk(CredentialCheck(initiator: .test, target: Self.name), with: &target) == .failed(.authenticationWanted))

        target = TargetSide()
        #expect(try talk(CredentialCheck(initiator: .test, target: Self.name), with: &target) == .done(.init()))
    }

    @Test func aCheckIsTriedAgainWithMD5Alone() throws {
        let credentials = CHAPCredentials(user: "inuser", secret: CHAPSecret("insecret12345".utf8))
        let first = CredentialCheck(initiator: .test, target: Self.name, credentials: credentials, random: .fixed)
        var target = TargetSide(TargetSide.Behaviour(account: Self.account, isTgt: true))
        guard case .failed(let fault) = try talk(first, with: &target), let second = first.again(after: fault) else {
            Issue.record("no second attempt")
            return
        }
        target = TargetSide(TargetSide.Behaviour(account: Self.account, isTgt: true))
        #expect(try talk(second, with: &target) == .done(.init(algorithm: .md5)))
    }
}
