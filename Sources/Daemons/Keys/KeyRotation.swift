import Identifiers
import Logging
import Metrics
import Provider
import Sealing
import ServiceLifecycle
import Store

/// Replaces the controller's leaf keys, one rotation at a time; and once a day sees to it that none of them ends unnoticed: two months before
/// its end one is told of, a month before it is replaced.
package final class KeyRotation: Service {
    /// Before a certificate's end.
    package static let warning: Duration = .seconds(60 * 86_400)
    package static let replacement: Duration = .seconds(30 * 86_400)

    private let keys: KeyHolder
    private let path: String
    private let store: Store
    private let intake: Intake
    private let clock: @Sendable () -> Timestamp
    private let logger: Logger
    private let turn = Turnstile()
    private let passes: PassMeter

    /// `path`: the directory of the keys.
    package init(
        keys: KeyHolder, path: String, store: Store, intake: Intake, clock: @escaping @Sendable () -> Timestamp = Store.systemClock,
        logger: Logger, metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) {
        self.keys = keys
        self.path = path
        self.store = store
        self.intake = intake
        self.clock = clock
        self.logger = logger
        passes = PassMeter(daemon: "key-rotation", metrics: metrics)
    }

    /// Makes new leaves, and headers that name them. The audit is told before anything is changed, so that whatever comes of it has its entry.
    ///
    /// Throws `ControllerKeysError`, `StoreError`. A pad that hangs gets its header when it answers.
    package func rotate(by actor: Actor) async throws -> ControllerKeys {
        try await turn.run {
            let authority = keys.current.authority
            let leaves = try ControllerKeys.NewLeaves(authority, now: clock())
            let subject = authority.fingerprint.description
            try await store.write { transaction in
                try transaction.audit(
                    actor: actor, action: "key.rotate", subject: subject,
                    detail: "signing=\(leaves.signing.certificate.fingerprint) decryption=\(leaves.decryption.certificate.fingerprint)")
            }
            do {
                let new = try ControllerKeys.rotate(in: path, to: leaves)
                keys.replace(by: new)
                try await intake.replaceKeys(new)
                return new
            } catch {
                let detail = String("\(error)".prefix(1_000))
                try await store.write {
                    try $0.audit(actor: actor, action: "key.rotate", subject: subject, outcome: .failed, detail: detail)
                }
                throw error
            }
        }
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let begun = self.passes.begin()
                do {
                    try await self.lookAtEnds()
                    self.passes.ended(begun, failed: false)
                } catch {
                    self.passes.ended(begun, failed: true)
                    self.logger.error("the controller's certificates were not seen to", metadata: ["reason": "\(error)"])
                }
                // Ends early when the controller stops, which the loop sees.
                try? await Task.sleep(for: .seconds(86_400))
            }
        }
    }

    /// Tells of certificates that end soon, and replaces leaves that end sooner.
    package func lookAtEnds() async throws {
        let (current, now) = (keys.current, clock())
        let leaves = [("signing", current.signing.certificate), ("decryption", current.decryption.certificate)]
        if leaves.contains(where: { $0.1.notAfter - now <= Self.replacement }) {
            logger.notice("the controller's keys end soon, and are replaced")
            _ = try await rotate(by: .daemon("keys"))
            return
        }
        for (name, certificate) in leaves + [("authority", current.authority.certificate)] where certificate.notAfter - now <= Self.warning
        {
            let remedy =
                name == "authority"
                ? "make a new controller before, and let its hosts register there"
                : "it is replaced a month before; `quartermaster key rotate` does so now"
            let text = "the controller's \(name) certificate ends on \(certificate.notAfter): \(remedy)"
            logger.warning("\(text)")
            try await store.write { transaction in
                let isToBeAudited = try transaction.notify(
                    Notification(kind: .certificateEnding, severity: .alarm, accountID: nil, subject: name, text: text))
                guard isToBeAudited else { return }
                try transaction.audit(
                    actor: .daemon("keys"), action: "key.ending", subject: certificate.fingerprint.description, outcome: .failed,
                    detail: text)
            }
        }
    }
}
