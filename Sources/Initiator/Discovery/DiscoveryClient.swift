import ISCSI
import Identifiers

/// Drives a discovery: which connections are opened, what is said over them, and what becomes of the answers. It has no socket of its own.
struct DiscoveryClient: ConnectionClient {
    /// A login is sent on so often at most (RFC 7143 section 11.13.5 sets no bound).
    static let maximumRedirections = 4
    /// Portals of a target that a server names which are tried for its security stage.
    static let maximumProbes = 4
    /// Names and addresses of one portal's list that are none and are told one by one.
    static let maximumUnusable = 8

    let request: DiscoveryRequest
    /// This host's, to know by which of them a connection went out.
    let hostInterfaces: [NetworkInterface]
    let resolver: NameResolver?
    let report: ((DiscoveryProgress) -> Void)?

    private let listRoom = ListRoom()
    private(set) var targets = TargetList()
    private(set) var problems: [DiscoveryProblem] = []
    private var seenProblems: Set<DiscoveryProblem> = []
    private(set) var progress = DiscoveryProgress()
    private(set) var md5Portals: [String] = []

    /// To be opened before the scan goes on.
    private var errands: [ConnectionRequest<DiscoveryErrand>] = []
    private var scan: ScanCursor
    /// By number: names that are being looked up.
    private var resolving: [Int: (errand: DiscoveryErrand, deadline: Int64)] = [:]
    private var resolutions = 0
    private var probed: Set<ISCSIName> = []
    /// The lists of portals that have so many targets that these are not asked.
    private var passedOver: [[DiscoveredTarget]] = []
    /// Addresses of each range to which there is no route.
    private var withoutRoute: [Int]
    private var reportAt: Int64 = 0

    init(
        _ request: DiscoveryRequest, hostInterfaces: [NetworkInterface], resolver: NameResolver? = nil,
        report: ((DiscoveryProgress) -> Void)? = nil
    ) {
        self.request = request
        self.hostInterfaces = hostInterfaces
        self.resolver = resolver
        self.report = report
        scan = request.scan
        withoutRoute = request.ranges.map { _ in 0 }
        progress.addresses = request.addressCount
    }

    /// Puts what the user named before everything else.
    mutating func begin(now: Int64) {
        let interfaces: [NetworkInterface?] = request.interfaces.isEmpty ? [nil] : request.interfaces
        for interface in interfaces {
            for server in request.servers { go(DiscoveryErrand(purpose: .server, address: server, interface: interface), now: now) }
            for portal in request.portals { go(DiscoveryErrand(purpose: .portal, address: portal, interface: interface), now: now) }
        }
        // They are taken from the end.
        errands.reverse()
    }

    // MARK: ConnectionClient

    mutating func next(now: Int64) -> ConnectionRequest<DiscoveryErrand>? {
        if let errand = errands.popLast() { return errand }
        guard let (socket, interface, range) = scan.next() else { return nil }
        var errand = DiscoveryErrand(purpose: .scan(range: range), address: PortalAddress(socket), interface: interface)
        errand.socket = socket
        return ConnectionRequest(socket, interface: interface, isGuess: true, errand: errand)
    }

    mutating func connected(_ errand: inout DiscoveryErrand, local: SocketAddress?) -> DiscoveryTalk? {
        errand.wentOutBy =
            errand.interface?.name ?? local.flatMap { NetworkInterface.holding($0.address, of: hostInterfaces)?.name }
        if let talk = errand.talk { return talk }
        switch errand.purpose {
        case .scan, .portal:
            // Without credentials nothing is computed, and libcrypto, which is as large as this program, is not loaded.
            guard let credentials = request.credentials else {
                let options = LoginOptions(algorithms: [], skipsSecurity: true)
                return .list(SendTargetsConversation(initiator: request.initiator, options: options, random: .kernel, listRoom: listRoom))
            }
            return .list(SendTargetsConversation(initiator: request.initiator, credentials: credentials, listRoom: listRoom))
        case .server: return .query(ISNSQuery(initiator: request.initiator, random: .kernel))
        case .probe(_, let target, _): return .probe(SecurityProbe(initiator: request.initiator, target: target, random: .kernel))
        }
    }

    mutating func ended(_ errand: DiscoveryErrand, _ end: ConnectionEnd<DiscoveryTalk>) {
        if case .silent = end, tryAgain(errand) { return }
        if case .scan = errand.purpose, errand.trail.isEmpty, errand.talk == nil { progress.tried += 1 }
        switch end {
        case .answered(let answer): take(answer, errand)
        case .failed(.redirected(let address, _), _): follow(errand, to: address)
        case .failed(let fault, let talk):
            if let next = errand.talk == nil ? talk.again(after: fault) : nil {
                var errand = errand
                errand.talk = next
                reopen(errand)
            } else {
                fail(errand, fault.outcome ?? .notAnISCSIPortal, fault.description)
            }
        case .unreachable(let errno): unreachable(errand, errno)
        case .silent:
            if tryElsewhere(errand) { return }
            fail(errand, .unreachable, "no answer to the connection within \(request.limits.connect)", isCommon: true)
        case .timedOut:
            fail(errand, .timedOut, "the connection stands, and no whole answer came within \(request.limits.conversation)")
        case .connected, .brokenOff: break
        }
    }

    mutating func pause(now: Int64) -> ConnectionPause {
        if let resolver, !resolving.isEmpty { takeNames(resolver, now: now) }
        var wakeAt = resolving.values.map(\.deadline).min()
        if let report {
            if now >= reportAt {
                progress.targets = targets.count
                report(progress)
                reportAt = now + 200_000_000
            }
            wakeAt = min(wakeAt ?? .max, reportAt)
        }
        return ConnectionPause(isWaiting: !resolving.isEmpty, wakeAt: wakeAt)
    }

    // MARK: Opening

    private mutating func go(_ errand: DiscoveryErrand, now: Int64) {
        if let socket = errand.address.socket(among: hostInterfaces) {
            open(errand, at: [socket])
        } else if let name = errand.address.hostName, let resolver {
            resolutions += 1
            resolving[resolutions] = (errand, now + Instant.nanoseconds(request.resolution))
            resolver.begin(name, number: resolutions)
        } else {
            fail(errand, .unreachable, "the name cannot be looked up")
        }
    }

    /// At the first of its addresses that it may be sent to; the others are for later.
    private mutating func open(_ errand: DiscoveryErrand, at sockets: [SocketAddress]) {
        var errand = errand
        let allowed = sockets.filter { socket in errand.sender?.maySend(to: socket.address) ?? true }
        guard let first = allowed.first else {
            let reach = sockets.first?.address.reach ?? .network
            return fail(errand, .notAnISCSIPortal, "it sends the login on to \(reach): not followed")
        }
        errand.socket = first
        errand.alternatives = Array(allowed.dropFirst())
        errands.append(ConnectionRequest(first, interface: errand.interface, errand: errand))
    }

    /// The same address once more.
    private mutating func reopen(_ errand: DiscoveryErrand) { go(errand, now: Instant.now()) }

    private mutating func takeNames(_ resolver: NameResolver, now: Int64) {
        for (number, outcome) in resolver.results() {
            guard let errand = resolving.removeValue(forKey: number)?.errand else { continue }
            switch outcome {
            case .failed(let reason): fail(errand, .unreachable, "its name cannot be looked up: \(reason)")
            case .addresses(let addresses): open(errand, at: addresses.map { SocketAddress($0, port: errand.address.port) })
            }
        }
        for (number, entry) in resolving where entry.deadline <= now {
            resolving[number] = nil
            fail(entry.errand, .unreachable, "its name was not looked up within \(request.resolution)")
        }
    }

    private mutating func follow(_ errand: DiscoveryErrand, to address: PortalAddress) {
        var errand = errand
        errand.trail.append(errand.address)
        guard !errand.trail.contains(address), errand.trail.count <= Self.maximumRedirections else {
            let way = (errand.trail + [address]).map(\.description).joined(separator: ", ")
            return fail(errand, .redirectedInACircle, "sent on from one to the next: \(way)")
        }
        errand.address = address
        (errand.sender, errand.talk) = (errand.socket?.address, nil)
        go(errand, now: Instant.now())
    }

    // MARK: Ends

    private mutating func take(_ answer: DiscoveryTalk.Answer, _ errand: DiscoveryErrand) {
        switch answer {
        // Nobody is asked for these here.
        case .checked, .registered: return
        case .security(let answer):
            guard case .probe(let name, _, _) = errand.purpose else { return }
            targets.learn(name, answer, reached: errand.address, interface: errand.wentOutBy)
        case .targets(let found, let unusable, let algorithm, let bounds):
            progress.portals += 1
            for entry in unusable.prefix(Self.maximumUnusable) {
                fail(errand, .notAnISCSIPortal, "it names \"\(entry.text)\", which is not \(entry.expected); the rest of its list is used")
            }
            if unusable.count > Self.maximumUnusable {
                let more = unusable.count - Self.maximumUnusable
                fail(errand, .notAnISCSIPortal, "\(more) more of its names and addresses are none; the rest of its list is used")
            }
            if algorithm == .md5 { md5Portals.append(errand.address.description) }
            let isServer = errand.purpose == .server
            let isWhole = targets.add(
                contentsOf: found, from: errand.source, reached: isServer ? nil : errand.address,
                interface: isServer ? nil : errand.wentOutBy)
            for bound in bounds { fail(errand, .listCutShort, "\(bound) came; what is beyond is left out") }
            if !isWhole {
                fail(errand, .listCutShort, "more than \(targets.limit) targets and portals were named in all; the rest is left out")
            }
            check(found, errand)
        }
    }

    /// Asks targets that were not asked yet whether they want authentication: at the portal that listed them, and nowhere else on its word. A server is
    /// there to name portals, so they are asked at those.
    private mutating func check(_ found: [DiscoveredTarget], _ errand: DiscoveryErrand) {
        if request.authenticationCheck == .none { return }
        if request.authenticationCheck == .auto, found.count > DiscoveryRequest.automaticChecks { return passedOver.append(found) }
        for target in found where probed.insert(target.name).inserted {
            let portals = errand.purpose == .server ? named(target, by: errand) : [errand.address]
            tryProbe(target.name, target.spelling, portals, errand)
        }
    }

    /// Targets that were not asked for the authentication they want, since there are so many, and no portal with fewer has them.
    var unasked: Int {
        if passedOver.count == 1, probed.isEmpty { return passedOver[0].count }
        return Set(passedOver.joined().map(\.name)).subtracting(probed).count
    }

    /// Portals that the server may send this host to.
    private func named(_ target: DiscoveredTarget, by errand: DiscoveryErrand) -> [PortalAddress] {
        target.portals.lazy.map(\.address).filter { portal in
            guard let address = portal.socket(among: hostInterfaces)?.address else { return false }
            return errand.socket?.address.maySend(to: address) ?? true
        }.prefix(Self.maximumProbes).map { $0 }
    }

    private mutating func tryProbe(_ name: ISCSIName, _ spelling: String, _ portals: [PortalAddress], _ listing: DiscoveryErrand) {
        guard let first = portals.first else { return }
        let purpose = DiscoveryErrand.Purpose.probe(name: name, target: spelling, others: Array(portals.dropFirst()))
        var errand = DiscoveryErrand(purpose: purpose, address: first, interface: listing.interface)
        errand.sender = listing.sender
        go(errand, now: Instant.now())
    }

    private mutating func unreachable(_ errand: DiscoveryErrand, _ errno: Int32) {
        if case .scan(let range) = errand.purpose, errand.trail.isEmpty, Reachability.isWithoutRoute(errno) { withoutRoute[range] += 1 }
        if tryElsewhere(errand) { return }
        if case .scan(let range) = errand.purpose, Reachability.isExhausted(errno) {
            let problem = DiscoveryProblem(
                address: request.ranges[range].description, outcome: Reachability.outcome(errno), detail: Reachability.text(errno),
                isNamed: true)
            _ = problems.appendNew(problem, seen: &seenProblems)
            return
        }
        fail(errand, Reachability.outcome(errno), Reachability.text(errno), isCommon: true)
    }

    /// The same address of a scan: its SYN, or the answer, may have been lost. At most as many wait as there were in flight.
    private mutating func tryAgain(_ errand: DiscoveryErrand) -> Bool {
        guard case .scan = errand.purpose, errand.trail.isEmpty, errand.talk == nil, errand.attempts + 1 < request.limits.scanAttempts,
            let socket = errand.address.socket(among: hostInterfaces)
        else { return false }
        var errand = errand
        errand.attempts += 1
        errands.append(ConnectionRequest(socket, interface: errand.interface, isGuess: true, isRepeated: true, errand: errand))
        return true
    }

    /// Another address of the same name, or another portal of the same target.
    private mutating func tryElsewhere(_ errand: DiscoveryErrand) -> Bool {
        if !errand.alternatives.isEmpty {
            open(errand, at: errand.alternatives)
            return true
        }
        if case .probe(let name, let target, let others) = errand.purpose, !others.isEmpty {
            tryProbe(name, target, others, errand)
            return true
        }
        return false
    }

    /// `isCommon` of what is no problem in a scan: an address that refuses, or is silent.
    private mutating func fail(_ errand: DiscoveryErrand, _ outcome: ISCSIOutcome, _ detail: String, isCommon: Bool = false) {
        var outcome = outcome
        switch errand.purpose {
        case .scan where isCommon && errand.trail.isEmpty: return
        // Whatever a target's security stage says is no more than that nothing is known, unless it breaks the protocol.
        case .probe where outcome != .notAnISCSIPortal && outcome != .redirectedInACircle: return
        case .server where outcome == .unreachable || outcome == .refused || outcome == .notAnISCSIPortal: outcome = .isnsServerNotFound
        default: break
        }
        let way = errand.trail.isEmpty || outcome == .redirectedInACircle ? "" : " (sent on to \(errand.address))"
        let problem = DiscoveryProblem(
            address: errand.origin.description, outcome: outcome, detail: detail + way, isNamed: errand.isNamed)
        _ = problems.appendNew(problem, seen: &seenProblems)
    }

    /// A range to no address of which there is a route is what the user wants to know of.
    mutating func finish() {
        for (index, range) in request.ranges.enumerated()
        where withoutRoute[index] == range.count * scan.ways(to: range) {
            problems.append(
                DiscoveryProblem(
                    address: range.description, outcome: .unreachable, detail: "there is no route to this network", isNamed: true))
        }
        progress.targets = targets.count
    }
}
