import Files
import Glibc

/// The secret of an unattended registration: read and removed by this process where it may, by the root helper where it may not.
struct UnattendedSecret {
    let file: RegistrationFile
    let context: AgentContext

    func read() throws(AgentError) -> Secret {
        do throws(AgentError) {
            return try Secret(file: file.secret.path)
        } catch .file(.system(let operation, let path, let errno)) where [EACCES, EPERM].contains(errno) {
            guard let privileged = context.privileged else {
                throw .file(.system(operation: operation, path: path, errno: errno))
            }
            let answer = try privileged.ask(.registrationSecret)
            guard answer.outcome == .done, var bytes = answer.secret else {
                throw .helper(reason: "it does not hand over \(path): \(answer.detail ?? answer.outcome.rawValue)")
            }
            return Secret(taking: &bytes)
        }
    }

    func remove() throws(AgentError) {
        do throws(AgentError) {
            try PrivilegedSecret(file.secret.path).remove()
        } catch .file(.system(let operation, let path, let errno)) where [EACCES, EPERM, EROFS].contains(errno) {
            guard let privileged = context.privileged else {
                throw .file(.system(operation: operation, path: path, errno: errno))
            }
            let answer = try privileged.ask(.removeRegistrationSecret)
            guard answer.outcome == .done else {
                throw .helper(reason: "it does not remove \(path): \(answer.detail ?? answer.outcome.rawValue); remove it yourself")
            }
        }
    }
}
