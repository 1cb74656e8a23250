import AgentCore
import Files
import Glibc
import ISCSI
import Initiator

/// What the wizard's steps do to this host and ask of the network, by the same means as `discover`, `connect` and `rescan`.
struct WizardWork {
    let common: CommonOptions
    let tools: InitiatorTools
    let console: WizardConsole
    let timeout: Duration?
    let isDryRun: Bool

    func hostChoices() throws -> Wizard.HostChoices {
        var host = Wizard.HostChoices()
        let interfaces = NetworkInterface.all().filter { $0.isUp && !$0.isPointToPoint }
        for interface in interfaces where !interface.isLoopback {
            for network in interface.networks where network.address.family == .version4 && network.prefixLength < 32 {
                guard 32 - network.prefixLength <= AddressRange.largestHostBits else { continue }
                let range = AddressRange(network.address, hostBits: 32 - network.prefixLength).description
                if !host.networks.contains(where: { $0.value == range }) { host.networks.append(.init(range, "of \(interface.name)")) }
            }
        }
        try endingAsDocumented(.text, tools.log) { () throws(SetupError) in
            let lists = try DiscoveryLists(common)
            host.listed = lists.portals.count + lists.servers.count
            host.fibreChannel = try tools.state().fibreChannel
            host.interfaces = try tools.database.interfaceNames().map { .init($0, "a record of open-iscsi's") }
        }
        for interface in interfaces where !interface.isLoopback && !host.interfaces.contains(where: { $0.value == interface.name }) {
            let networks = interface.networks.map { "\($0.address)/\($0.prefixLength)" }.joined(separator: ", ")
            host.interfaces.append(.init(interface.name, networks))
        }
        host.multipathRuns = tools.multipathRuns
        host.isRoot = geteuid() == 0
        host.plainAddresses = DiscoveryPlaces.plainAddresses
        return host
    }

    /// What an effect came to, where it did not come to its end.
    struct Failure: Error {
        var outcome: ISCSIOutcome
        var detail: String

        init(_ error: SetupError) { (outcome, detail) = (error.outcome, error.description) }
        init(_ outcome: ISCSIOutcome, _ detail: String) { (self.outcome, self.detail) = (outcome, detail) }
    }

    // MARK: Discovery

    func discover(_ search: Wizard.Search, _ credentials: CHAPCredentials?) throws -> Result<DiscoveryReport, Failure> {
        var places = DiscoveryPlaces()
        switch search.place {
        case .subnets(let networks): places.subnet = networks
        case .portal(let address): places.portal = [address.description]
        case .server(let address): places.isns = [address.description]
        case .listed: places.listed = true
        }
        places.largeScan = search.isLarge
        var order = DiscoveryOrder(places: places)
        order.sysroot = common.sysroot
        order.listDirectory = common.listDirectory
        order.lists = { [common] () throws(SetupError) in try DiscoveryLists(common) }
        order.credentials = { _ throws(AgentError) in credentials }
        // Signals end the search, not the wizard, and are as before when it is over.
        var mask = sigset_t()
        sigprocmask(SIG_BLOCK, nil, &mask)
        defer { Self.restoreSignals(mask) }
        console.say("Looking …")
        do throws(DiscoveryOrder.Refusal) {
            let (report, _) = try order.look(tools.log) { _ in progress() }
            return .success(report)
        } catch {
            switch error {
            case .outcome(_, let outcome, let detail): return .failure(Failure(outcome, detail))
            case .agent(.invalid(_, let value, let allowed)): return .failure(Failure(.invalidParameter, "\(value): allowed: \(allowed)"))
            case .agent(.missing(_, let what)): return .failure(Failure(.invalidParameter, what))
            case .agent(let error): throw error
            }
        }
    }

    /// A line every few seconds, rather than one that overwrites itself.
    private func progress() -> (DiscoveryProgress) -> Void {
        let clock = ContinuousClock()
        var last = clock.now
        return { [console] progress in
            guard progress.addresses > 0, clock.now - last >= .seconds(5) else { return }
            last = clock.now
            console.say("\(progress.tried) of \(progress.addresses) addresses tried, \(progress.portals) portals found.")
        }
    }

    private static func restoreSignals(_ mask: sigset_t) {
        var ending = sigset_t()
        sigemptyset(&ending)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&ending, signal) }
        var now = timespec(tv_sec: 0, tv_nsec: 0)
        while sigtimedwait(&ending, nil, &now) > 0 {}
        var mask = mask
        sigprocmask(SIG_SETMASK, &mask, nil)
    }

    // MARK: Connection

    func order(_ connection: Wizard.Connection, _ credentials: CHAPCredentials?, discovery: CHAPCredentials?) -> ConnectOrder {
        var request = ConnectRequest(target: connection.target, portals: connection.portals)
        request.interface = connection.interface
        request.credentials = credentials
        request.discoveryCredentials = discovery
        request.startup = connection.startup
        request.expectedWWIDs = connection.expectedWWIDs
        if let timeout { request.deadline = timeout }
        return ConnectOrder(request: request, tools: tools)
    }

    func plan(_ order: ConnectOrder, installs: Bool) -> Result<SetupPlan, Failure> {
        console.say("Asking the portals, and trying what was given …")
        do throws(SetupError) {
            if installs, !isDryRun {
                try tools.requireRoot()
                _ = try tools.iscsiadm(installs: true)
            }
            return .success(try tools.dryRun(installs: installs) { () throws(SetupError) in try order.plan() })
        } catch {
            return .failure(Failure(error))
        }
    }

    /// Carries out a plan that was shown; or all of it is taken back.
    func connect(_ plan: SetupPlan) -> Result<Setup.Result, Failure> {
        do throws(SetupError) {
            let console = console
            let tell: @Sendable (SetupStep) throws(SetupError) -> Void = { step throws(SetupError) in
                if let text = Self.text(step) { console.say(text) }
            }
            let result = try tools.alone(reached: tell) { setup throws(SetupError) in try setup.run(plan) }
            if result.isRolledBack { Interruption.allow(InitiatorTools.nothingChanged) }
            return .success(result)
        } catch {
            return .failure(Failure(error))
        }
    }

    private static func text(_ step: SetupStep) -> String? {
        switch step {
        case .journalWritten: "What is there now is noted, to be put back if need be."
        case .unlocked: "The records are written."
        case .loggedIn: "Logged in; waiting for the volumes."
        case .verified: "Verified."
        case .loggedOut: "Logged out again."
        case .fileRestored: "A record is as it was before."
        case .locked, .fileWritten, .loginsBegun, .journalRemoved: nil
        }
    }

    // MARK: Fibre Channel

    func rescan(_ ports: [FibreChannelPort]) -> Result<[Rescan.Change], Failure> {
        do throws(SetupError) {
            try tools.requireRoot()
            return .success(
                try Rescan(tools.tree).run(
                    ports, state: { () throws(SetupError) in try tools.state() },
                    multipathd: tools.multipathRuns ? ExternalProgram(named: "multipathd") : nil))
        } catch {
            return .failure(Failure(error))
        }
    }
}
