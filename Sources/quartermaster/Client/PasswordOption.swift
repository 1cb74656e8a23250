import ArgumentParser
import ControllerAPI
import Files

/// A password comes from a file or from the person at the terminal, never from an argument or the environment.
struct PasswordOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file of mode 0600 that holds the password; - is standard input. One newline at its end is dropped.", valueName: "file"),
        completion: .file())
    var passwordFile: String?

    /// Nil where there is neither a file nor anybody to ask. A new password is asked for twice.
    func read(for user: String, isNew: Bool = true) throws -> String? {
        let bytes: [UInt8]
        if let passwordFile {
            bytes = try readSecret(passwordFile)
        } else if Terminal.isInteractive {
            bytes = try Terminal.askSecret("Password for \(user): ")
            if isNew, try Terminal.askSecret("The same again: ") != bytes {
                throw CommandFailure(.dataError, "the two passwords differ; nothing was done")
            }
        } else {
            return nil
        }
        guard let password = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure(.dataError, "the password is not UTF-8")
        }
        guard !password.isEmpty else { throw CommandFailure(.dataError, "the password is empty") }
        return password
    }
}
