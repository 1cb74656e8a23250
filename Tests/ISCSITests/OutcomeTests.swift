import ISCSI
import Testing

@Suite struct OutcomeTests {
    @Test func theWordsAreTheDocumentedOnes() {
        #expect(
            ISCSIOutcome.allCases.map(\.rawValue) == [
                "connected", "done", "unreachable", "refused", "not-an-iscsi-portal", "target-not-found", "authentication-wanted",
                "wrong-user-or-secret", "mutual-authentication-failed", "no-common-algorithm", "login-refused", "redirected-in-a-circle",
                "isns-server-not-found", "initiator-misconfigured", "invalid-parameter", "service-down", "no-permission",
                "already-connected", "in-use",
                "wwid-not-as-expected", "timed-out", "interrupted", "list-cut-short",
            ])
    }

    @Test(arguments: ISCSIOutcome.allCases)
    func everyFailureHasAnExitCodeAndANextStep(outcome: ISCSIOutcome) {
        let isGood = outcome == .connected || outcome == .done
        #expect((outcome.exitCode == 0) == isGood)
        #expect((outcome.nextStep == nil) == isGood)
        #expect([0, 1, 64, 65, 66, 69, 75, 77, 78, 130].contains(outcome.exitCode))
    }
}
