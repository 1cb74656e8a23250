import Identifiers
import Provider

extension Store {
    /// Of archives, one page looks at so many events at most.
    private static let archivedPerPage = 5_000

    /// By sequence, of one account or of all, from either end; archived events come from their files. A page may have fewer events than asked
    /// for, and a key to go on from all the same: of archived events, a page only looks through so many. Throws `AuditFault` for an archive
    /// that cannot be read.
    package func auditEvents(account: AccountID? = nil, _ order: AuditOrder, _ request: PageRequest) async throws -> Page<AuditEvent> {
        let directory = directory.auditPath
        // Both of one state, so that events that are archived meanwhile are in one of the two.
        let (archives, present) = try await read { transaction in
            (try transaction.auditArchives(), try transaction.storedAuditEvents(account: account, order, request))
        }
        let page = AuditPage(archives: archives, present: present, account: account, request: request)
        switch order {
        case .oldestFirst: return try page.oldestFirst(in: directory, budget: Self.archivedPerPage)
        case .newestFirst: return try page.newestFirst(in: directory, budget: Self.archivedPerPage)
        }
    }
}

/// Puts a page together from archives and from what is in the database.
private struct AuditPage {
    let archives: [AuditArchive]
    /// At most one more than the page has room for.
    let present: [AuditEvent]
    let account: AccountID?
    let request: PageRequest

    func oldestFirst(in directory: String, budget: Int) throws -> Page<AuditEvent> {
        var position = try request.auditSequence ?? 0
        var events: [AuditEvent] = []
        var budget = budget
        for archive in archives where archive.last > position {
            while position < archive.last {
                guard events.count <= request.limit, budget > 0 else { return page(events, position) }
                let from = max(position + 1, archive.first)
                let to = min(archive.last, from + Int64(step(events, budget)) - 1)
                events += try wanted(archive.events(from...to, in: directory))
                budget -= Int(to - from) + 1
                position = to
            }
        }
        events += present
        return page(events, nil)
    }

    func newestFirst(in directory: String, budget: Int) throws -> Page<AuditEvent> {
        var events = present
        guard let newest = archives.last else { return page(events, nil) }
        var position = min(try request.auditSequence ?? .max, newest.last + 1)
        var budget = budget
        for archive in archives.reversed() where archive.first < position {
            while position > archive.first {
                guard events.count <= request.limit, budget > 0 else { return page(events, position) }
                let to = min(position - 1, archive.last)
                let from = max(archive.first, to - Int64(step(events, budget)) + 1)
                events += try wanted(archive.events(from...to, in: directory)).reversed()
                budget -= Int(to - from) + 1
                position = from
            }
        }
        return page(events, nil)
    }

    /// As many as are wanted still, where all are; else what may be looked through at once.
    private func step(_ events: [AuditEvent], _ budget: Int) -> Int {
        min(account == nil ? request.limit + 1 - events.count : 1_000, budget)
    }

    private func wanted(_ events: [AuditEvent]) -> [AuditEvent] {
        account.map { account in events.filter { $0.accountID == account } } ?? events
    }

    /// `reached` is where the archives were left, where they were not looked through to the end.
    private func page(_ events: [AuditEvent], _ reached: Int64?) -> Page<AuditEvent> {
        if events.count > request.limit || reached == nil { return Page(events, request: request) { String($0.sequence) } }
        return Page(elements: events, next: reached.map { String($0) })
    }
}
