import Inventory

/// Reads whether an iSCSI session's attributes `username` and `username_in` hold names: CHAP by the initiator, and by the target. The kernel
/// tells them to CAP_SYS_ADMIN alone; only that they are there goes any further.
struct SessionAuthenticationReader {
    let reader: FactReader

    func read(_ session: String) -> SessionAuthentication {
        let path = "sys/class/iscsi_session/\(session)"
        guard let oneWay = holdsName("\(path)/username"), let mutual = holdsName("\(path)/username_in") else {
            return SessionAuthentication(name: session, authentication: .unknown)
        }
        return SessionAuthentication(name: session, authentication: mutual ? .mutualCHAP : oneWay ? .chap : .none)
    }

    /// Nil where this process may not know. `(null)` and `<NULL>` are the kernel's words for no name; what has no such attribute has no name.
    private func holdsName(_ path: String) -> Bool? {
        let found: Bool?
        switch reader.readFile(path) {
        case .value(let bytes):
            let name = FactText.trimmed(bytes)
            found = !name.isEmpty && !FactText.equal(name, "(null)") && !FactText.equal(name, "<NULL>")
        case .absent: found = false
        case .tooLong: found = true
        case .unreadable, .notRegular: found = nil
        }
        reader.trace?.add("authentication", path, found.map { $0 ? "a name" : "no name" } ?? "not told to this process")
        return found
    }
}
