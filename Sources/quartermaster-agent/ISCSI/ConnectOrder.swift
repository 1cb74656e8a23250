import Initiator

/// A connection as it was asked for, and its plan on this host.
struct ConnectOrder {
    let request: ConnectRequest
    let tools: InitiatorTools

    /// Portals are asked and credentials tried; nothing is changed. The journal's lock is held by the caller.
    func plan() throws(SetupError) -> SetupPlan {
        let device = try boundDevice(request.interface)
        let preparation = Preparation(
            database: tools.database, probe: try tools.probe(by: device), multipathRuns: { tools.multipathRuns })
        return try preparation.plan(request)
    }

    /// What speaks against the plan, without forbidding it.
    func advice(_ plan: SetupPlan) -> [String] {
        guard request.startup != .manual, tools.service.startsAtBoot(root: tools.tree.root) == false else { return plan.advice }
        return plan.advice + [
            "open-iscsi's service is not enabled: sessions are not made when this host starts (systemctl enable open-iscsi)"
        ]
    }

    /// The network device that the checks go out by, as the sessions will.
    private func boundDevice(_ name: String) throws(SetupError) -> NetworkInterface? {
        let device = try tools.database.interface(name).map(\.networkDevice) ?? name
        guard let device else { return nil }
        return NetworkInterface.all().first { $0.name == device }
    }
}
