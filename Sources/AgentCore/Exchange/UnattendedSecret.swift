import Files
import Glibc

/// The secret of an unattended registration: read and removed by this process where it may, by the root helper where it may not.
struct UnattendedSecret {
    let file: RegistrationFile
    let context: AgentContext

    func read() throws(AgentError) -> Secret {
        do throws(AgentError) {
            // Not as `register` reads a file that a person names: nobody is there to see that a FIFO has no writer.
            var bytes = try PrivilegedSecret(file.secret.path).read()
            return Secret(taking: &bytes)
        } catch .file(.system(let operation, let path, let errno)) where [EACCES, EPERM].contains(errno) {
            guard let privileged = context.privileged else {
                throw .file(.system(operation: operation, path: path, errno: errno))
            }
            let answer = try privileged.ask(.registrationSecret)
            guard answer.outcome == .done, var bytes = answer.secret else {
                throw .helperRefused(reason: "does not hand over \(path): \(answer.detail ?? answer.outcome.rawValue)")
            }
            return Secret(taking: &bytes)
        }
    }

    /// Returns what is still to be done by somebody, in words; nil where that is nothing.
    func remove() throws(AgentError) -> String? {
        do throws(AgentError) {
            return try PrivilegedSecret(file.secret.path).remove().rest
        } catch .file(.system(let operation, let path, let errno)) where [EACCES, EPERM, EROFS].contains(errno) {
            guard let privileged = context.privileged else {
                throw .file(.system(operation: operation, path: path, errno: errno))
            }
            let answer = try privileged.ask(.removeRegistrationSecret)
            guard answer.outcome == .done else {
                throw .helperRefused(reason: "does not remove \(path): \(answer.detail ?? answer.outcome.rawValue); remove it yourself")
            }
            return answer.detail
        }
    }
}
