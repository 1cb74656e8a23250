import ISCSI

extension Wizard {
    /// What was under way when something failed.
    package enum Stage: Equatable, Sendable {
        /// `source` is the question that said where to look.
        case discovery(source: Field)
        /// The plan, or its carrying out; `isBound` where an interface was chosen rather than left to the routes.
        case connection(isBound: Bool)
    }

    /// The question to go back to: that of the answer which was wrong. `again` where it is none of this host's answers; nil where nothing failed.
    package static func question(after outcome: ISCSIOutcome, at stage: Stage) -> Field? {
        switch (outcome, stage) {
        case (.connected, _), (.done, _): nil
        case (.unreachable, .discovery(let source)), (.refused, .discovery(let source)), (.notAnISCSIPortal, .discovery(let source)),
            (.targetNotFound, .discovery(let source)), (.redirectedInACircle, .discovery(let source)),
            (.isnsServerNotFound, .discovery(let source)), (.invalidParameter, .discovery(let source)),
            (.timedOut, .discovery(let source)):
            source
        case (.authenticationWanted, .discovery), (.wrongUserOrSecret, .discovery): .discoveryUser
        case (.mutualAuthenticationFailed, .discovery): .discoveryMutualSecret
        case (.unreachable, .connection(let isBound)): isBound ? .interface : .portals
        case (.refused, .connection), (.notAnISCSIPortal, .connection), (.redirectedInACircle, .connection): .portals
        case (.targetNotFound, .connection), (.alreadyConnected, .connection): .target
        case (.authenticationWanted, .connection), (.wrongUserOrSecret, .connection): .chapUser
        case (.mutualAuthenticationFailed, .connection): .mutualSecret
        case (.invalidParameter, .connection): .interface
        case (.serviceDown, .connection): .install
        case (.wwidNotAsExpected, .connection): .expectedWWIDs
        case (.noCommonAlgorithm, _), (.loginRefused, _), (.initiatorMisconfigured, _), (.noPermission, _), (.inUse, _),
            (.timedOut, .connection), (.isnsServerNotFound, .connection), (.serviceDown, .discovery), (.alreadyConnected, .discovery),
            (.wwidNotAsExpected, .discovery), (.interrupted, _), (.listCutShort, _):
            .again
        }
    }

    /// The next step in words, for somebody who is asked rather than gives options.
    static func advice(_ outcome: ISCSIOutcome) -> String? {
        switch outcome {
        case .unreachable: "check the address, the route and the network interface, and that the storage system is up"
        case .targetNotFound: "if it should be there, let the storage administrator allow this host's initiator name"
        case .authenticationWanted: "give the user and the secret that the storage system holds for this host"
        case .serviceDown: "start the initiator service, or let it be installed and started from here"
        case .alreadyConnected: "nothing is to be done for it; choose another system, or q"
        case .noPermission: "run the command as root"
        default: outcome.nextStep
        }
    }
}
