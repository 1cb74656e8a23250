import AgentCore
import ArgumentParser
import ISCSI

/// Credentials of sessions with targets. Those of discovery are others.
struct SessionCHAPOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The CHAP user that the target knows this host by.", valueName: "name"))
    var chapUser: String?

    @Option(
        help: ArgumentHelp("A file of mode 0600 with that user's secret; - is standard input.", valueName: "file"), completion: .file())
    var chapSecretFile: String?

    @Option(help: ArgumentHelp("The name that the target must prove to have (mutual CHAP).", valueName: "name"))
    var mutualUser: String?

    @Option(
        help: ArgumentHelp("A file of mode 0600 with the target's secret; - is standard input.", valueName: "file"), completion: .file())
    var mutualSecretFile: String?

    func validate() throws {
        if (chapUser == nil) != (chapSecretFile == nil) { throw ValidationError("--chap-user and --chap-secret-file belong together.") }
        if (mutualUser == nil) != (mutualSecretFile == nil) {
            throw ValidationError("--mutual-user and --mutual-secret-file belong together.")
        }
        if mutualSecretFile != nil, chapUser == nil { throw ValidationError("--mutual-user is of no use without --chap-user.") }
        if mutualSecretFile == "-", chapSecretFile == "-" { throw ValidationError("Only one secret can come from standard input.") }
    }

    var usesStandardInput: Bool { [chapSecretFile, mutualSecretFile].contains("-") }

    /// Nil where none are given. Rules are the set-up's to check.
    func credentials() throws(AgentError) -> CHAPCredentials? {
        guard let chapUser, let chapSecretFile else { return nil }
        let secret = try Self.secret(chapSecretFile)
        var mutual: CHAPCredentials.Mutual?
        if let mutualSecretFile { mutual = CHAPCredentials.Mutual(user: mutualUser, secret: try Self.secret(mutualSecretFile)) }
        return CHAPCredentials(user: chapUser, secret: secret, mutual: mutual)
    }

    static func secret(_ path: String) throws(AgentError) -> CHAPSecret {
        let secret = try Secret(file: path)
        defer { secret.wipe() }
        return CHAPSecret(secret.bytes)
    }
}
