import ArgumentParser
import ControllerAPI

struct LogoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Ends the session of quartermaster login.",
        discussion: """
            A session that is over already is forgotten. Where the controller does not answer, the session stays, and so does its file.

            EXAMPLES
              quartermaster logout
            """)

    @OptionGroup var client: ClientOptions

    func run() async throws {
        let file = SessionFile(socket: client.socketPath)
        guard let token = try file.token() else {
            throw CommandFailure(.noInput, "nobody is logged in to the controller at \(client.socketPath) (\(file.path) is not there)")
        }
        do {
            let bytes = try await ControllerConnection(socket: client.socketPath, credentials: .token(token))
                .send(ControllerRequest(.closeSession))
            try file.remove()
            let session = try ControllerConnection.read(SessionDocument.self, from: bytes)
            try client.output.show(session) { "\(session.user) is logged out" }
        } catch let failure as CommandFailure where failure.code == .notAuthenticated {
            try file.remove()
            Terminal.say("the session was over already")
            if client.output.format == .json { Terminal.print("{}") }
        }
    }
}
