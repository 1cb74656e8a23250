import Identifiers

/// All that one registration remembers, but for the files that it names. It is replaced whole (`RegistrationDirectory.save`), before what it says
/// can be seen on the pad.
package struct RegistrationState: Equatable, Sendable {
    package static let format = "quartermaster-agent-state/1"

    package var phase: Phase
    package var pad: PadBinding
    package var customer: Customer
    package var key: HostKey
    /// Made on an instruction to rotate keys; takes the place of `key` when the controller has certified it.
    package var nextKey: HostKey?
    package var membership: Membership?
    /// Why the controller does not take this host's messages at present.
    package var obstacle: Obstacle?
    /// Why the last `register` of a host that was registered before was refused; what it said then changed nothing else here.
    package var registrationRefusal: Obstacle?
    /// Which `register.conf` asked for the last registration (`RegistrationFile.version`); nil where a person did.
    package var registrationFile: String?
    /// What is put back where a registration with a new key is refused: at most one, of the key that the controller revoked.
    package var former: [RegistrationState] = []
    /// What keeps the pad from being used at present, since when.
    package var padTrouble: PadTrouble?
    package var chain = Chain()
    /// What was sent and not answered yet, oldest first.
    package var outbox: [OutgoingMessage] = []
    package var handled = HandledMessages()
    package var told = Told()
    /// As the controller's last `set-interval` has it.
    package var intervalSeconds: Int64?
    package var counters = Counters()

    package init(phase: Phase = .registering, pad: PadBinding, customer: Customer, key: HostKey) {
        self.phase = phase
        self.pad = pad
        self.customer = customer
        self.key = key
    }

    package enum Phase: String, Sendable, CaseIterable {
        /// A registration was made and is not answered yet.
        case registering
        case registered
        /// The first registration was refused; `obstacle` says why. It goes when somebody has been told.
        case refused
        /// A farewell was made; what is left goes when it is answered.
        case leaving
    }
}

/// Which pad, and whose.
package struct PadBinding: Equatable, Sendable {
    package var directory: String
    package var padID: PadID
    /// The key of the controller's CA: all that it signs must lead there.
    package var controllerKey: Fingerprint
    /// True where nobody gave that key, and it was taken from the pad.
    package var isTrustedOnFirstUse: Bool
    /// The last header's; a lower one is not believed.
    package var generation: Int64
    package var epoch: Int64
    /// The provider's polling interval as the last header has it.
    package var pollMilliseconds: Int64

    package init(
        directory: String, padID: PadID, controllerKey: Fingerprint, isTrustedOnFirstUse: Bool, generation: Int64, epoch: Int64,
        pollMilliseconds: Int64
    ) {
        self.directory = directory
        self.padID = padID
        self.controllerKey = controllerKey
        self.isTrustedOnFirstUse = isTrustedOnFirstUse
        self.generation = generation
        self.epoch = epoch
        self.pollMilliseconds = pollMilliseconds
    }
}

/// What the administrator said about the customer. Never a password or token.
package struct Customer: Equatable, Sendable {
    package var accountID: AccountID
    package var domain: String?
    package var user: String?
    package var level: Int
    package var cluster: String?

    package init(accountID: AccountID, domain: String?, user: String?, level: Int, cluster: String?) {
        self.accountID = accountID
        self.domain = domain
        self.user = user
        self.level = level
        self.cluster = cluster
    }
}

/// A private key of this host, in a file of the registration's directory.
package struct HostKey: Equatable, Sendable {
    package var file: String
    package var fingerprint: Fingerprint

    package init(file: String, fingerprint: Fingerprint) {
        self.file = file
        self.fingerprint = fingerprint
    }
}

/// What the controller said when it took the host in, or renewed its certificate.
package struct Membership: Equatable, Sendable {
    package var hostID: HostID
    package var accountID: AccountID
    /// DER: the host's, then the CA's.
    package var certificates: [[UInt8]]
    package var registeredAt: Timestamp
    /// When the certificate came, and its end.
    package var certifiedAt: Timestamp
    package var certificateExpires: Timestamp
    package var notes: [String]

    package init(
        hostID: HostID, accountID: AccountID, certificates: [[UInt8]], registeredAt: Timestamp, certifiedAt: Timestamp,
        certificateExpires: Timestamp, notes: [String]
    ) {
        self.hostID = hostID
        self.accountID = accountID
        self.certificates = certificates
        self.registeredAt = registeredAt
        self.certifiedAt = certifiedAt
        self.certificateExpires = certificateExpires
        self.notes = notes
    }

    /// A new certificate is asked for from here on: two thirds of the present one's life.
    package var renewAt: Timestamp {
        Timestamp(microseconds: certifiedAt.microseconds + (certificateExpires.microseconds - certifiedAt.microseconds) / 3 * 2)
    }

    /// From here on a person should know: half of the time for renewing is over.
    package var warnAt: Timestamp {
        Timestamp(microseconds: renewAt.microseconds + (certificateExpires.microseconds - renewAt.microseconds) / 2)
    }
}

/// A refusal that stands.
package struct Obstacle: Equatable, Sendable {
    /// The controller's code, `suspended`.
    package var reason: String
    package var text: String
    package var at: Timestamp
    /// When it is tried again; nil where only an administrator can help.
    package var retryAt: Timestamp?

    package init(reason: String, text: String, at: Timestamp, retryAt: Timestamp?) {
        self.reason = reason
        self.text = text
        self.at = at
        self.retryAt = retryAt
    }
}

/// A pad that cannot be used, in words.
package struct PadTrouble: Equatable, Sendable {
    package var text: String
    package var since: Timestamp
    /// It can be read, and not written to.
    package var isOfWriting: Bool

    package init(text: String, since: Timestamp, isOfWriting: Bool = false) {
        self.text = text
        self.since = since
        self.isOfWriting = isOfWriting
    }
}

/// What the controller has been told, so that only what changed is told again.
package struct Told: Equatable, Sendable {
    /// The digest of the last inventory that was answered; its copy is the file of that name. Nil: everything is to be sent.
    package var inventory: String?
    package var freeSpace: [FreeSpaceMark] = []
    package var freeSpaceAt: Timestamp?
    package var lastReportAt: Timestamp?
    package var lastAnswerAt: Timestamp?
    /// The boot time as it was told: the kernel's wanders with the clock, and a boot has one time.
    package var bootTime: Timestamp?

    package init() {}
}

/// What was said of a file system.
package struct FreeSpaceMark: Equatable, Sendable {
    package var mountPoint: String
    package var sizeBytes: Int64
    package var availableBytes: Int64

    package init(mountPoint: String, sizeBytes: Int64, availableBytes: Int64) {
        self.mountPoint = mountPoint
        self.sizeBytes = sizeBytes
        self.availableBytes = availableBytes
    }
}

/// What was met and passed over.
package struct Counters: Equatable, Sendable {
    /// Files for this host that could not be opened, or that nobody believable signed.
    package var unverifiable: Int64 = 0
    /// Verified, and not meant for this registration, or out of date.
    package var stale: Int64 = 0
    package var published: Int64 = 0
    package var answered: Int64 = 0

    package init() {}
}
