import Testing

@testable import HostFacts

/// What a daemon compares every few seconds, as the kernel sends no event when a link goes down.
@Suite struct TransportStatesTests {
    private func states(_ tree: TreeBuilder) throws -> TransportStates? {
        TransportStates.read(try Tree(sysroot: tree.root)) { false }
    }

    /// Two links of each kind, behind links as the kernel has them, and what is no link.
    private func host() throws -> TreeBuilder {
        let tree = try TreeBuilder()
        for (kind, attribute, state) in [
            ("fc_host/host", "port_state", "Online"), ("fc_remote_ports/rport-1:0-", "port_state", "Online"),
            ("iscsi_session/session", "state", "LOGGED_IN"), ("nvme/nvme", "state", "live"),
        ] {
            for number in 0..<2 {
                try tree.file("sys/devices/\(kind)\(number)/\(attribute)", "\(state)\n")
                try tree.link("sys/class/\(kind)\(number)", toPath: "sys/devices/\(kind)\(number)")
            }
        }
        try tree.file("sys/devices/nvme/nvme0/transport", "tcp\n")
        try tree.file("sys/devices/nvme/nvme1/transport", "pcie\n")
        return tree
    }

    @Test(
        arguments: [
            ("fc_host/host1/port_state", "Linkdown"), ("fc_remote_ports/rport-1:0-0/port_state", "Blocked"),
            ("iscsi_session/session1/state", "FAILED"), ("nvme/nvme0/state", "connecting"),
        ])
    func aLinkThatGoesDownIsSeenAndSoIsItsReturn(path: String, state: String) throws {
        let tree = try host()
        let before = try #require(try states(tree))
        #expect(try before.count == 7 && states(tree) == before)
        let text = try String(contentsOfFile: "\(tree.root)/sys/devices/\(path)", encoding: .utf8)
        try tree.file("sys/devices/\(path)", "\(state)\n")
        #expect(try states(tree) != before)
        try tree.file("sys/devices/\(path)", text)
        #expect(try states(tree) == before)
    }

    @Test func whatGoesDownHereAndComesBackThereIsAChange() throws {
        let tree = try host()
        try tree.file("sys/devices/fc_host/host0/port_state", "Linkdown\n")
        let before = try states(tree)
        try tree.file("sys/devices/fc_host/host0/port_state", "Online\n")
        try tree.file("sys/devices/fc_host/host1/port_state", "Linkdown\n")
        #expect(try states(tree) != before)
    }

    @Test func aControllerInTheMachineItselfIsNoLink() throws {
        let tree = try host()
        let before = try states(tree)
        try tree.file("sys/devices/nvme/nvme1/state", "resetting\n")
        #expect(try states(tree) == before)
    }

    @Test func aHostWithoutTransportsHasNoLinks() throws {
        #expect(try states(TreeBuilder()) == TransportStates())
        #expect(TransportStates().count == 0)
    }

    @Test func whatCannotBeReadInTimeIsComparedWithNothing() throws {
        let host = try host()
        let tree = try Tree(sysroot: host.root)
        var left = 3
        let states = TransportStates.read(tree) {
            left -= 1
            return left < 0
        }
        #expect(states == nil)
    }
}
