import Identifiers
import Sealing
import StrictJSON

/// What a host remembers of a pad that it believed before.
package struct KnownPad: Equatable, Sendable {
    package var padID: PadID
    /// The key of the controller's authority.
    package var controller: Fingerprint
    package var generation: Int64
    package var epoch: Int64

    package init(padID: PadID, controller: Fingerprint, generation: Int64, epoch: Int64) {
        self.padID = padID
        self.controller = controller
        self.generation = generation
        self.epoch = epoch
    }
}

/// Whom a host believes.
package enum PadTrust: Equatable, Sendable {
    /// The controller whose authority's key the administrator gave.
    case pinned(Fingerprint)
    /// Whoever signed the first header: only with an enrolment token, never with a password.
    case onFirstUse
}

/// A header that was believed, and what it was believed by.
package struct VerifiedHeader: Equatable, Sendable {
    package let header: PadHeader
    package let authority: Certificate
    /// Signs replies and instructions.
    package let signing: Certificate
    /// Messages are sealed for it.
    package let decryption: Certificate

    /// What to remember, and to give with the next header.
    package var known: KnownPad {
        KnownPad(
            padID: header.padID, controller: authority.fingerprint, generation: header.generation, epoch: header.epoch)
    }

    /// Judges the bytes of a `pad.p7s`: signature, chain, pinned key, role, format, end, and against what was known before.
    package init(_ bytes: [UInt8], trust: PadTrust, known: KnownPad?, now: Timestamp) throws(PadHeaderFault) {
        let verified: Verified
        do throws(SealingError) {
            verified = try Sealing.verify(bytes, limit: PadHeader.maximumBytes, certificateCounts: 2...2)
        } catch {
            throw .sealing(error)
        }
        guard let authority = verified.certificates.first(where: { $0.isAuthority }),
            authority.isSelfIssued, authority.isSigned(by: authority.publicKey)
        else { throw .certificate(.notAnAuthority) }
        if case .pinned(let expected) = trust, authority.fingerprint != expected {
            throw .otherController(expected: expected, found: authority.fingerprint)
        }
        if let known, authority.fingerprint != known.controller {
            throw .otherController(expected: known.controller, found: authority.fingerprint)
        }
        if let fault = verified.signer.fault(issuedBy: authority, role: .controllerSigning, at: now) { throw .certificate(fault) }
        header = try Self.read(verified.payload)
        self.authority = authority
        signing = try Self.leaf(header.signingCertificate, authority, .controllerSigning, now)
        decryption = try Self.leaf(header.decryptionCertificate, authority, .controllerDecryption, now)
        if header.ends < now { throw .expired(at: header.ends) }
        guard let known else { return }
        guard header.padID == known.padID else { throw .otherPad(expected: known.padID, found: header.padID) }
        guard header.generation >= known.generation else {
            throw .lowerGeneration(known: known.generation, found: header.generation)
        }
        guard header.epoch >= known.epoch else { throw .lowerEpoch(known: known.epoch, found: header.epoch) }
    }

    private static func read(_ payload: [UInt8]) throws(PadHeaderFault) -> PadHeader {
        let result: Result<PadHeader, PadHeaderFault>
        do throws(JSONError) {
            let fields = try JSONFields(JSONValue.parse(payload))
            let format = try fields.string("format", maximumLength: 128)
            result = format == PadHeader.format ? .success(try PadHeader(json: fields)) : .failure(.unknownFormat(format))
        } catch {
            throw .malformed("\(error)")
        }
        return try result.get()
    }

    private static func leaf(
        _ der: [UInt8], _ authority: Certificate, _ role: CertificateRole, _ now: Timestamp
    ) throws(PadHeaderFault) -> Certificate {
        let certificate: Certificate
        do throws(SealingError) { certificate = try Certificate(der: der) } catch { throw .sealing(error) }
        if let fault = certificate.fault(issuedBy: authority, role: role, at: now) { throw .certificate(fault) }
        return certificate
    }
}
