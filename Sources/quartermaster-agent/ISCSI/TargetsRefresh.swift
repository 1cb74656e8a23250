import AgentCore
import Files
import ISCSI
import Identifiers
import Initiator

/// `targets --refresh`: portals are asked what they have, and what they say of recorded targets is kept. No record is changed.
struct TargetsRefresh {
    let tools: InitiatorTools
    let lists: DiscoveryLists
    /// Those of discovery sessions.
    let credentials: CHAPCredentials?

    /// What did not answer as it should.
    func run() throws(SetupError) -> [DiscoveryProblem] {
        let lock = try tools.journal.lock()
        defer { withExtendedLifetime(lock) {} }
        let names = try tools.database.all().entries.map(\.name)
        var request = DiscoveryRequest(initiator: try identity())
        for address in names.compactMap(\.portalAddress) + lists.portals where !request.portals.contains(address) {
            request.portals.append(address)
        }
        request.servers = lists.servers
        request.credentials = credentials
        var before: SeenTargets?
        do throws(SetupError) { before = try SeenTargets.load(tools.journal.directory) } catch { tools.log.warning("\(error)") }
        let report: DiscoveryReport
        do throws(FileError) { report = try Discovery.run(request) } catch { throw .file(error) }
        for note in report.notes { tools.log.notice(note) }
        let seen = SeenTargets(
            report, asked: request.portals, recorded: Set(names.map(\.target)), before: before, at: HostClock.system.now())
        try seen.save(tools.journal.directory)
        return report.problems
    }

    private func identity() throws(SetupError) -> InitiatorIdentity {
        do throws(DiscoveryFault) {
            let found = try DiscoveryInitiator.find(sysroot: tools.tree.root)
            if let note = found.note { tools.log.notice(note) }
            return found.identity
        } catch {
            throw .outcome(error.outcome, detail: error.description)
        }
    }
}
