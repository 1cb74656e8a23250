import Files
import Glibc
import ScratchPad
import StrictJSON

/// The daemon's side: asks the root helper, and remembers whether it is there.
package struct PrivilegedClient: Sendable {
    package let socketPath: String
    package let observations: Observations
    /// Ends the wait for what is asked again at the next start. What an order came to is waited for: it is acknowledged once.
    package var stop: PadPatience.Stop?

    package init(socketPath: String, observations: Observations) {
        self.socketPath = socketPath
        self.observations = observations
    }

    /// Throws `.helper` where there is no helper, or none that answers in time or in words.
    package func ask(_ request: PrivilegedRequest, patience: Duration = .seconds(20)) throws(AgentError) -> PrivilegedAnswer {
        do throws(FileError) {
            var connection = try PrivilegedConnection.connect(to: socketPath, patience: patience)
            if request == .facts || request == .registrationSecret { connection.stop = stop }
            try connection.send(request.jsonBytes)
            var bytes = try connection.receive(limit: PrivilegedConnection.maximumAnswerBytes)
            defer { Secret.wipe(&bytes) }
            let answer = try Self.read(bytes, socketPath)
            observations.set(helper: .available)
            return answer
        } catch {
            let reason = "\(error)"
            observations.set(helper: .missing(reason: reason))
            throw .helper(reason: reason)
        }
    }

    private static func read(_ bytes: [UInt8], _ path: String) throws(FileError) -> PrivilegedAnswer {
        do throws(JSONError) {
            return try PrivilegedAnswer(json: JSONFields(JSONValue.parse(bytes)))
        } catch {
            throw .system(operation: "understand", path: path, errno: EBADMSG)
        }
    }
}
