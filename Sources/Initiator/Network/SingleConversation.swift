import Files
import ISCSI

/// One conversation with one portal, to its end: names are looked up, redirections followed, four of them at most, and a second attempt made where the
/// conversation knows one.
package struct SingleConversation: Sendable {
    /// One type for all that is said alone: each more would be another copy of the loop in the program.
    package typealias Talk = DiscoveryTalk

    package static var maximumRedirections: Int { 4 }

    private let interface: NetworkInterface?
    private let interfaces: [NetworkInterface]
    private let limits: ScanLimits
    private let sentOn: @Sendable (PortalAddress, PortalAddress) -> Void
    private let make: @Sendable () -> Talk

    /// - Parameters:
    ///   - interface: what it must go out by; nil leaves that to the routes.
    ///   - sentOn: told of a portal that sends it on, and where to, before anything is said there.
    ///   - make: the conversation, anew for each portal.
    package init(
        interface: NetworkInterface? = nil, interfaces: [NetworkInterface] = NetworkInterface.all(), limits: ScanLimits = ScanLimits(),
        sentOn: @escaping @Sendable (PortalAddress, PortalAddress) -> Void = { _, _ in }, _ make: @escaping @Sendable () -> Talk
    ) {
        self.interface = interface
        self.interfaces = interfaces
        self.limits = limits
        self.sentOn = sentOn
        self.make = make
    }

    /// Throws the outcome, with the portal and what happened.
    package func run(_ portal: PortalAddress) throws(PortalProbe.Failure) -> Talk.Answer {
        var seen: [PortalAddress] = []
        var next = portal
        var addresses = try addresses(portal)
        while true {
            guard !seen.contains(next), seen.count <= Self.maximumRedirections else {
                let way = (seen + [next]).map(\.description).joined(separator: ", then ")
                throw PortalProbe.Failure(outcome: .redirectedInACircle, detail: "the login is sent from portal to portal: \(way)")
            }
            seen.append(next)
            let (address, result) = try talk(next, at: addresses)
            switch result {
            case .success(let answer): return answer
            case .failure(.redirected(let to, _)):
                addresses = try follow(to, from: address, next)
                sentOn(next, to)
                next = to
            case .failure(let fault):
                let way = seen.count > 1 ? " (sent on by \(seen[seen.count - 2]))" : ""
                throw PortalProbe.Failure(outcome: fault.outcome ?? .loginRefused, detail: "\(next)\(way): \(fault)")
            }
        }
    }

    /// Those of `portal` that a portal at `address` may send this host to.
    private func follow(
        _ portal: PortalAddress, from address: SocketAddress, _ sender: PortalAddress
    ) throws(PortalProbe.Failure) -> [SocketAddress] {
        let found = try addresses(portal)
        let allowed = found.filter { address.address.maySend(to: $0.address) }
        guard allowed.isEmpty, let other = found.first else { return allowed }
        throw PortalProbe.Failure(
            outcome: .notAnISCSIPortal,
            detail: "\(sender) sends the login on to \(portal), which is \(other.address.reach): not followed")
    }

    /// At the first address that answers.
    private func talk(
        _ portal: PortalAddress, at addresses: [SocketAddress]
    ) throws(PortalProbe.Failure) -> (SocketAddress, Result<Talk.Answer, ISCSIFault>) {
        var last = PortalProbe.Failure(outcome: .unreachable, detail: "\(portal) has no address")
        for address in addresses {
            var talk = make()
            for _ in 0..<2 {
                var isAgain = false
                switch try end(of: talk, at: address, portal) {
                case .answered(let answer): return (address, .success(answer))
                case .failed(let fault, let ended):
                    guard let another = ended.again(after: fault) else { return (address, .failure(fault)) }
                    (talk, isAgain) = (another, true)
                case .unreachable(let errno):
                    last = PortalProbe.Failure(outcome: Reachability.outcome(errno), detail: "\(portal): \(Reachability.text(errno))")
                case .silent: last = PortalProbe.Failure(outcome: .unreachable, detail: "\(portal) does not answer")
                case .timedOut, .brokenOff, .connected, nil:
                    last = PortalProbe.Failure(outcome: .timedOut, detail: "\(portal) takes the connection, and does not answer in time")
                }
                if !isAgain { break }
            }
        }
        throw last
    }

    private func addresses(_ portal: PortalAddress) throws(PortalProbe.Failure) -> [SocketAddress] {
        if let zone = portal.unknownZone(among: interfaces) {
            throw PortalProbe.Failure(outcome: .invalidParameter, detail: "\(portal): this host has no interface \(zone)")
        }
        if let address = portal.socket(among: interfaces) { return [address] }
        guard let name = portal.hostName else { return [] }
        switch NameResolver.lookUp([name])[name] {
        case .addresses(let found): return found.map { SocketAddress($0, port: portal.port) }
        case .failed(let reason):
            throw PortalProbe.Failure(outcome: .unreachable, detail: "the name \(name) cannot be looked up: \(reason)")
        case nil: return []
        }
    }

    private func end(
        of talk: Talk, at address: SocketAddress, _ portal: PortalAddress
    ) throws(PortalProbe.Failure) -> ConnectionEnd<Talk>? {
        do throws(FileError) {
            var loop = try ConnectionLoop(
                client: Client(request: ConnectionRequest(address, interface: interface, errand: talk)), limits: limits)
            _ = try loop.run()
            return loop.client.end
        } catch {
            throw PortalProbe.Failure(outcome: .unreachable, detail: "\(portal): \(error)")
        }
    }

    private struct Client: ConnectionClient {
        var request: ConnectionRequest<Talk>?
        var end: ConnectionEnd<Talk>?

        mutating func next(now: Int64) -> ConnectionRequest<Talk>? {
            defer { request = nil }
            return request
        }
        mutating func connected(_ errand: inout Talk, local: SocketAddress?) -> Talk? { errand }
        mutating func ended(_ errand: Talk, _ end: ConnectionEnd<Talk>) { self.end = end }
        mutating func pause(now: Int64) -> ConnectionPause { ConnectionPause() }
    }
}

extension PortalProbe.Failure {
    /// Of a conversation that ends in another one's answer, which none does.
    package static func otherAnswer(_ portal: PortalAddress) -> Self {
        Self(outcome: .notAnISCSIPortal, detail: "\(portal) answered something else than was asked")
    }
}

extension PortalProbe {
    /// Over the network, as that initiator.
    package static func network(
        _ initiator: InitiatorIdentity, interface: NetworkInterface?, limits: ScanLimits = ScanLimits(),
        sentOn: @escaping @Sendable (PortalAddress, PortalAddress) -> Void
    ) -> PortalProbe {
        PortalProbe(
            targets: { portal, credentials throws(Failure) in
                let conversation = SingleConversation(interface: interface, limits: limits, sentOn: sentOn) {
                    .list(SendTargetsConversation(initiator: initiator, credentials: credentials))
                }
                guard case .targets(let targets, _, _, _) = try conversation.run(portal) else { throw .otherAnswer(portal) }
                return targets
            },
            check: { portal, target, credentials, algorithms throws(Failure) in
                let conversation = SingleConversation(interface: interface, limits: limits, sentOn: sentOn) {
                    .check(
                        CredentialCheck(
                            initiator: initiator, target: target, credentials: credentials, options: LoginOptions(algorithms: algorithms)))
                }
                guard case .checked(let answer) = try conversation.run(portal) else { throw .otherAnswer(portal) }
                return answer
            })
    }
}
