import ISCSI
import Testing

@Suite struct ISCSIPortTests {
    @Test func thePortsAreThoseAssignedByIANA() {
        #expect(ISCSIPort.target == 3260)
        #expect(ISCSIPort.isns == 3205)
    }
}
