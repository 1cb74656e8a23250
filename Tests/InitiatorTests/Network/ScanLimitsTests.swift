import Initiator
import Testing

@Suite struct ScanLimitsTests {
    @Test func aScanIsBoundedUnlessItIsToldOtherwise() {
        let limits = ScanLimits()
        #expect(limits.inFlight <= 4096)
        #expect(limits.connect < limits.conversation)
        #expect(limits.whole == nil)
    }
}
