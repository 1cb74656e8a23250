import Identifiers

/// A scratch pad, as the provider keeps it; its header on the medium repeats ID and generation, signed.
package struct PadRecord: Equatable, Sendable {
    package enum State: String, Sendable, CaseIterable {
        case active
        /// No longer looked at.
        case retired
    }

    package let id: PadID
    /// An absolute path, as the controller sees it.
    package let directory: String
    /// The customer whose hosts alone reach it; nil: shared by several.
    package let accountID: AccountID?
    /// The storage system that it lives on, where that is known.
    package let systemID: SystemID?
    package let interval: Duration
    /// Grows whenever the header is written anew in a way that agents must not go behind.
    package let generation: Int64
    package let state: State
    package let createdAt: Timestamp
    package let retiredAt: Timestamp?

    package init(
        id: PadID, directory: String, accountID: AccountID?, systemID: SystemID?, interval: Duration, generation: Int64, state: State,
        createdAt: Timestamp, retiredAt: Timestamp?
    ) {
        self.id = id
        self.directory = directory
        self.accountID = accountID
        self.systemID = systemID
        self.interval = interval
        self.generation = generation
        self.state = state
        self.createdAt = createdAt
        self.retiredAt = retiredAt
    }

    package static let intervals: ClosedRange<Duration> = .milliseconds(100)...Duration.seconds(3_600)

    /// An absolute path without empty, `.` or `..` components, of at most 1024 bytes and without control characters; one slash at the end
    /// is dropped.
    package static func checkedDirectory(_ path: String) throws(AccountError) -> String {
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let components = trimmed.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard trimmed.hasPrefix("/"), trimmed.utf8.count <= 1024, !trimmed.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }),
            !components.isEmpty, components.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
        else { throw .padDirectory(String(path.prefix(64)).filter { !$0.isNewline }) }
        return trimmed
    }
}
