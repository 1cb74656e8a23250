import Identifiers

/// Each registration of a state directory as `status` tells it, and what is there and cannot be used: one that is damaged hides no other.
package struct StateSurvey: Equatable, Sendable {
    package var registrations: [RegistrationStatus] = []
    package var unusable: [UnusableRegistration] = []
    /// Others can put registrations of their own in place of these.
    package var openness: AgentError?

    package init() {}

    /// Throws only where the directory as a whole cannot be looked into.
    package init(of stateDirectory: StateDirectory, now: Timestamp, reportInterval: Duration) throws(AgentError) {
        let contents = try stateDirectory.contents()
        unusable = contents.unusable
        openness = stateDirectory.openness
        for directory in contents.registrations {
            do throws(AgentError) {
                // None where it was removed since it was listed.
                if let state = try directory.load() {
                    registrations.append(RegistrationStatus(of: state, now: now, reportInterval: reportInterval))
                }
            } catch {
                unusable.append(UnusableRegistration(path: directory.path, fault: error))
            }
        }
    }
}

extension UnusableRegistration {
    /// A registration whose state could not be read.
    init(path: String, fault: AgentError) {
        guard case .stateDamaged(let file, let reason) = fault else {
            self.init(
                path: path, reason: "cannot be read: \(fault)",
                remedy: "see that it belongs to the daemon's user, and that its disk is in order")
            return
        }
        self.init(
            path: path, reason: "is a damaged registration: \(file): \(reason)",
            remedy: "restore that file from a backup; or, to give this registration up, run quartermaster-agent unregister --force "
                + "--registration \(path.split(separator: "/").last ?? "NAME"), and register again")
    }
}
