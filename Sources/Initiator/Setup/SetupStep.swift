/// The durable steps of a set-up. A crash after any of them is undone by the next run: tests break off at each.
package enum SetupStep: String, Sendable, CaseIterable {
    /// What was there before is safe, and nothing is changed yet.
    case journalWritten = "journal-written"
    /// open-iscsi's lock is held.
    case locked
    /// One of the records, links or interfaces.
    case fileWritten = "file-written"
    case unlocked
    /// Sessions may come to be from here on.
    case loginsBegun = "logins-begun"
    case loggedIn = "logged-in"
    case verified
    /// The set-up holds.
    case journalRemoved = "journal-removed"
    // Rolling back.
    case loggedOut = "logged-out"
    case fileRestored = "file-restored"
}
