import Identifiers

/// The subject of a host's certificate, `HOST-ID/ACCOUNT-ID`: what a restored controller takes a host in again by.
enum HostCertificateName {
    static func text(_ host: HostID, _ account: AccountID) -> String { "\(host)/\(account)" }

    static func parse(_ text: String) -> (host: HostID, account: AccountID)? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let host = HostID(String(parts[0])), let account = AccountID(String(parts[1])) else { return nil }
        return (host, account)
    }
}
