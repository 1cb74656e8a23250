import AgentCore
import ArgumentParser
import ISCSI

/// Credentials of discovery sessions. Those of sessions with targets are others.
struct DiscoveryCHAPOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The CHAP user of discovery sessions.", valueName: "name"))
    var discoveryChapUser: String?

    @Option(
        help: ArgumentHelp("A file of mode 0600 with that user's secret; - is standard input.", valueName: "file"), completion: .file())
    var discoveryChapSecretFile: String?

    @Option(help: ArgumentHelp("The name that portals must prove to have (mutual CHAP of discovery).", valueName: "name"))
    var discoveryMutualUser: String?

    @Option(
        help: ArgumentHelp("A file of mode 0600 with the portals' secret; - is standard input.", valueName: "file"), completion: .file())
    var discoveryMutualSecretFile: String?

    func validate() throws {
        if (discoveryChapUser == nil) != (discoveryChapSecretFile == nil) {
            throw ValidationError("--discovery-chap-user and --discovery-chap-secret-file belong together.")
        }
        if discoveryMutualUser != nil, discoveryMutualSecretFile == nil {
            throw ValidationError("--discovery-mutual-user is of no use without --discovery-mutual-secret-file.")
        }
        if discoveryMutualSecretFile != nil, discoveryChapUser == nil {
            throw ValidationError("--discovery-mutual-secret-file is of no use without --discovery-chap-user.")
        }
        if discoveryMutualSecretFile == "-", discoveryChapSecretFile == "-" {
            throw ValidationError("Only one secret can come from standard input.")
        }
    }

    var usesStandardInput: Bool { [discoveryChapSecretFile, discoveryMutualSecretFile].contains("-") }

    /// Nil where none are given. What speaks against them is said; what a rule forbids is refused.
    func credentials(_ log: Log) throws(AgentError) -> CHAPCredentials? {
        guard let discoveryChapUser, let discoveryChapSecretFile else { return nil }
        let secret = try Self.secret(discoveryChapSecretFile)
        var mutual: CHAPCredentials.Mutual?
        if let discoveryMutualSecretFile {
            mutual = CHAPCredentials.Mutual(user: discoveryMutualUser, secret: try Self.secret(discoveryMutualSecretFile))
        }
        let credentials = CHAPCredentials(user: discoveryChapUser, secret: secret, mutual: mutual)
        for finding in credentials.findings {
            guard !finding.isRefusal else {
                throw .invalid(option: "--discovery-chap-…", value: "(as given)", allowed: "credentials without this fault: \(finding)")
            }
            log.warning("\(finding)")
        }
        return credentials
    }

    private static func secret(_ path: String) throws(AgentError) -> CHAPSecret {
        let secret = try Secret(file: path)
        defer { secret.wipe() }
        return CHAPSecret(secret.bytes)
    }
}
