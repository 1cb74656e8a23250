import NIOCore
import NIOHTTP1
import Synchronization

/// How many connections each user of this machine holds. Everybody may connect, so that nobody but the provider may hold so many that others
/// find no place.
final class PeerConnections: Sendable {
    private let policy: ProviderPolicy
    private let limit: Int
    private let counts = Mutex<[UInt32: Int]>([:])

    init(policy: ProviderPolicy, limit: Int = 64) {
        self.policy = policy
        self.limit = limit
    }

    /// True where there is room for one more, which is counted then.
    func admit(_ peer: PeerCredentials) -> Bool {
        if policy.isProvider(peer, groups: { _ in [] }) { return true }
        return counts.withLock { counts in
            guard counts[peer.userID, default: 0] < limit else { return false }
            counts[peer.userID, default: 0] += 1
            return true
        }
    }

    func leave(_ peer: PeerCredentials) {
        if policy.isProvider(peer, groups: { _ in [] }) { return }
        counts.withLock { counts in
            let left = counts[peer.userID, default: 1] - 1
            counts[peer.userID] = left > 0 ? left : nil
        }
    }
}

/// Closes a connection for which its user has no room.
final class PeerConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let connections: PeerConnections

    init(_ connections: PeerConnections) { self.connections = connections }

    func handlerAdded(context: ChannelHandlerContext) {
        let (channel, connections) = (context.channel, connections)
        channel.eventLoop.makeFutureWithTask { try await PeerCredentials.of(channel) }.whenComplete { result in
            // Whose credentials cannot be had is refused by each request.
            guard case .success(let peer) = result else { return }
            guard connections.admit(peer) else {
                channel.close(mode: .all, promise: nil)
                return
            }
            channel.closeFuture.whenComplete { _ in connections.leave(peer) }
        }
    }
}
