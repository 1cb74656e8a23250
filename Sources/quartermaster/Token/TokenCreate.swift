import ArgumentParser
import ControllerAPI
import Files
import Glibc
import Identifiers
import Provider

struct TokenCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Makes an enrolment token.",
        discussion: """
            The token itself is shown this once, and kept by the controller only as its digest. Whoever has it can register hosts \
            in this domain, so often and so long.

            EXAMPLES
              quartermaster token create --account account-… --domain web --uses 200 --lifetime 7d --token-file FILE
              quartermaster-agent register --pad DIR --account account-… --domain web --token-file FILE
            """)

    @Option(help: ArgumentHelp("The customer's account.", valueName: "id"))
    var account: AccountID

    @Option(help: ArgumentHelp("The domain's name.", valueName: "name"))
    var domain: String

    @Option(help: ArgumentHelp("How many registrations it is good for.", valueName: "count"))
    var uses: Int64 = 1

    @Option(help: ArgumentHelp("How long it is good for.", valueName: "time"))
    var lifetime = TimeSpan(milliseconds: 7 * 86_400_000)

    @Option(
        help: ArgumentHelp("Writes the token to this new file, of mode 0600, and does not show it.", valueName: "file"),
        completion: .file())
    var tokenFile: String?

    @OptionGroup var client: ClientOptions

    func validate() throws {
        guard (1...EnrolmentToken.maximumUses).contains(uses) else {
            throw ValidationError("--uses is \(uses); give 1 to \(EnrolmentToken.maximumUses)")
        }
        try lifetime.require(EnrolmentToken.lifetimes, of: "--lifetime")
    }

    func run() async throws {
        let request = ControllerRequest(
            .createToken,
            body: NewToken(accountID: account, domain: domain, uses: uses, lifetimeSeconds: lifetime.milliseconds / 1_000))
        guard let tokenFile else {
            return try await client.show(request, as: TokenDocument.self) { "\($0.card)\nToken    \($0.token ?? "")" }
        }
        // Made before the token is: a token that nobody has must not come to be.
        let file = try FileDescriptor(opening: tokenFile, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        let document: TokenDocument
        do {
            document = try ControllerConnection.read(
                TokenDocument.self, from: try await ControllerConnection(socket: client.socketPath).send(request))
            try file.writeAll(Array((document.token ?? "").utf8) + [UInt8(ascii: "\n")])
            try file.synchronize()
        } catch {
            unlink(tokenFile)
            throw error
        }
        try client.output.show(document.withoutToken) { document.card }
    }
}

extension TokenDocument {
    var withoutToken: TokenDocument {
        TokenDocument(
            tokenID: tokenID, accountID: accountID, domain: domain, state: state, uses: uses, usesLeft: usesLeft, createdAt: createdAt,
            expires: expires, token: nil)
    }

    var card: String {
        var card = Card()
        card.line("ID", tokenID.text)
        card.line("Account", accountID.text)
        card.line("Domain", domain)
        card.line("State", state.rawValue)
        card.line("Uses", "\(uses - usesLeft) of \(uses)")
        card.line("Expires", expires.description)
        return card.text
    }
}
