import Identifiers
import Messages
import Sealing
import StrictJSON

/// What the controller says of a pad: the contents of `pad.p7s`.
///
///     {"format":"quartermaster-pad/1","padID":…,"controllerID":…,"generation":1,"epoch":1,"issuedAt":…,"ends":…,
///      "intervalMilliseconds":1000,"signingCertificate":base64 DER,"decryptionCertificate":base64 DER,"limits":{…}}
package struct PadHeader: Equatable, Sendable {
    package var padID: PadID
    package var controllerID: ControllerID
    /// Raised with each header that is written.
    package var generation: Int64
    /// Raised when the controller was restored from a backup: agents number anew and send everything.
    package var epoch: Int64
    package var issuedAt: Timestamp
    package var ends: Timestamp
    /// How often the controller looks.
    package var interval: Duration
    /// Signs replies and instructions.
    package var signingCertificate: [UInt8]
    /// Messages are sealed for it.
    package var decryptionCertificate: [UInt8]
    package var limits: PadLimits

    package static let format = "quartermaster-pad/1"
    /// Bytes of the largest `pad.p7s` that is read.
    package static let maximumBytes = 64 << 10
    package static let fileName = PadName(known: "pad.p7s")

    package init(
        padID: PadID, controllerID: ControllerID, generation: Int64, epoch: Int64, issuedAt: Timestamp, ends: Timestamp,
        interval: Duration, signingCertificate: [UInt8], decryptionCertificate: [UInt8], limits: PadLimits
    ) {
        self.padID = padID
        self.controllerID = controllerID
        self.generation = generation
        self.epoch = epoch
        self.issuedAt = issuedAt
        self.ends = ends
        self.interval = interval
        self.signingCertificate = signingCertificate
        self.decryptionCertificate = decryptionCertificate
        self.limits = limits
    }

    /// With the certificates of the controller's present leaves.
    package init(
        padID: PadID, controllerID: ControllerID, generation: Int64, epoch: Int64, issuedAt: Timestamp, lifetime: Duration,
        interval: Duration, limits: PadLimits = PadLimits(), keys: ControllerKeys
    ) {
        self.init(
            padID: padID, controllerID: controllerID, generation: generation, epoch: epoch, issuedAt: issuedAt,
            ends: issuedAt + lifetime, interval: interval, signingCertificate: keys.signing.certificate.der,
            decryptionCertificate: keys.decryption.certificate.der, limits: limits)
    }

    /// How long a header is valid unless the caller says otherwise: the controller writes a new one long before.
    package static let lifetime = Duration.seconds(400 * 86_400)

    /// `pad.p7s`: SignedData by the controller-signing leaf, its certificate and the authority's embedded.
    package func signed(by keys: ControllerKeys) throws(SealingError) -> [UInt8] {
        try Sealing.sign(jsonBytes, signer: keys.headerSigner)
    }
}

extension PadHeader: JSONReadable, JSONWritable {
    package init(json: JSONFields) throws(JSONError) {
        padID = try json.identifier("padID")
        controllerID = try json.identifier("controllerID")
        generation = try json.integer("generation", in: 1...Int64.max)
        epoch = try json.integer("epoch", in: 1...Int64.max)
        issuedAt = try json.timestamp("issuedAt")
        ends = try json.timestamp("ends")
        interval = .milliseconds(try json.integer("intervalMilliseconds", in: 10...86_400_000))
        signingCertificate = try json.bytes("signingCertificate", maximumBytes: Certificate.maximumLength)
        decryptionCertificate = try json.bytes("decryptionCertificate", maximumBytes: Certificate.maximumLength)
        limits = try PadLimits(json: json.fields("limits"))
    }

    package func write(to writer: inout JSONWriter) {
        let (seconds, attoseconds) = interval.components
        writer.object { writer in
            writer.member("format", Self.format)
            writer.member("padID", padID.text)
            writer.member("controllerID", controllerID.text)
            writer.member("generation", generation)
            writer.member("epoch", epoch)
            writer.member("issuedAt", issuedAt.description)
            writer.member("ends", ends.description)
            writer.member("intervalMilliseconds", seconds * 1000 + attoseconds / 1_000_000_000_000_000)
            writer.member("signingCertificate", Base64.encode(signingCertificate))
            writer.member("decryptionCertificate", Base64.encode(decryptionCertificate))
            writer.member("limits", limits)
        }
    }
}
