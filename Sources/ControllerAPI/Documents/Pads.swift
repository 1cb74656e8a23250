import Identifiers

package struct PadDocument: APIDocument, Equatable {
    package let padID: PadID
    package let directory: String
    /// Of the CA's key that its header leads to: what a host pins.
    package let fingerprint: Fingerprint
    /// Nil for a shared one.
    package let accountID: AccountID?
    package let shared: Bool
    package let intervalMilliseconds: Int64
    package let systemID: SystemID?
    package let generation: Int64
    package let state: PadStateName
    package let createdAt: Timestamp
    package let retiredAt: Timestamp?
    /// Why the last look failed, where it did.
    package let problem: String?

    package init(
        padID: PadID, directory: String, fingerprint: Fingerprint, accountID: AccountID?, shared: Bool, intervalMilliseconds: Int64,
        systemID: SystemID?, generation: Int64, state: PadStateName, createdAt: Timestamp, retiredAt: Timestamp?, problem: String?
    ) {
        self.padID = padID
        self.directory = directory
        self.fingerprint = fingerprint
        self.accountID = accountID
        self.shared = shared
        self.intervalMilliseconds = intervalMilliseconds
        self.systemID = systemID
        self.generation = generation
        self.state = state
        self.createdAt = createdAt
        self.retiredAt = retiredAt
        self.problem = problem
    }
}

package enum PadStateName: String, APIEnumeration { case active, retired }

package struct PadList: APIDocument, Equatable {
    package let pads: [PadDocument]
    package let next: String?

    package init(pads: [PadDocument], next: String?) {
        self.pads = pads
        self.next = next
    }
}

package struct NewPad: APIDocument, Equatable {
    /// As the controller's machine sees it; an absolute path.
    package let directory: String
    /// Exactly one of these two.
    package let accountID: AccountID?
    package let shared: Bool?
    package let intervalMilliseconds: Int64?
    package let systemID: SystemID?

    package init(directory: String, accountID: AccountID?, shared: Bool?, intervalMilliseconds: Int64?, systemID: SystemID?) {
        self.directory = directory
        self.accountID = accountID
        self.shared = shared
        self.intervalMilliseconds = intervalMilliseconds
        self.systemID = systemID
    }
}

/// What an inspection of a pad found, or a repair or purge did.
package struct PadReport: APIDocument, Equatable {
    package let padID: PadID
    package let findings: [PadFinding]
    /// Whether nothing is wrong any more.
    package let sound: Bool
    package let dryRun: Bool

    package init(padID: PadID, findings: [PadFinding], sound: Bool, dryRun: Bool) {
        self.padID = padID
        self.findings = findings
        self.sound = sound
        self.dryRun = dryRun
    }
}

package struct PadFinding: APIDocument, Equatable {
    package let subject: String
    package let outcome: PadOutcome
    package let detail: String

    package init(subject: String, outcome: PadOutcome, detail: String) {
        self.subject = subject
        self.outcome = outcome
        self.detail = detail
    }
}

package enum PadOutcome: String, APIEnumeration { case ok, warning, fault, repaired, removed }
