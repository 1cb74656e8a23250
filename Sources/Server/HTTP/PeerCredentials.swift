import Glibc
import Hummingbird
import NIOCore

/// Who is at the other end of a Unix socket, as the kernel recorded it when they connected (unix(7), SO_PEERCRED).
package struct PeerCredentials: Equatable, Sendable {
    package let processID: Int32
    package let userID: UInt32
    package let groupID: UInt32

    package init(processID: Int32, userID: UInt32, groupID: UInt32) {
        self.processID = processID
        self.userID = userID
        self.groupID = groupID
    }

    /// Throws where the channel is not a socket that has them.
    static func of(_ channel: any Channel) async throws -> PeerCredentials {
        guard let options = channel as? any SocketOptionProvider else { throw RequestError.noPeerCredentials }
        // Not memory-safe for a type of another size: `KernelRecord` is struct ucred of <sys/socket.h>, three 32-bit numbers.
        let record: KernelRecord = try await options.unsafeGetSocketOption(
            level: SocketOptionLevel(SOL_SOCKET), name: SocketOptionName(SO_PEERCRED)
        ).get()
        return PeerCredentials(processID: record.pid, userID: record.uid, groupID: record.gid)
    }

    private struct KernelRecord: Sendable {
        var pid: Int32 = 0
        var uid: UInt32 = 0
        var gid: UInt32 = 0
    }
}

/// Decides who is the provider on this machine: root, the controller's own user, and the members of one group.
package struct ProviderPolicy: Equatable, Sendable {
    package let ownUserID: UInt32
    package let groupID: UInt32?

    package init(ownUserID: UInt32, groupID: UInt32?) {
        self.ownUserID = ownUserID
        self.groupID = groupID
    }

    /// - Parameter groups: the groups of that user in the user database; asked only where nothing else decides.
    package func isProvider(_ peer: PeerCredentials, groups: (UInt32) -> [UInt32]) -> Bool {
        if peer.userID == 0 || peer.userID == ownUserID { return true }
        guard let groupID else { return false }
        return peer.groupID == groupID || groups(peer.userID).contains(groupID)
    }
}
