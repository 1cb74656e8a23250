import Identifiers
import Messages
import Provider
import Sealing

/// What messages on a pad are judged by.
package struct PadTerms: Sendable, Equatable {
    package let id: PadID
    /// The only customer whose hosts reach it; nil on a shared pad.
    package let accountID: AccountID?
    package let interval: Duration

    package init(id: PadID, accountID: AccountID?, interval: Duration) {
        self.id = id
        self.accountID = accountID
        self.interval = interval
    }
}

/// A file as it was read from a pad.
package struct IncomingFile: Sendable {
    package let pad: PadTerms
    package let bytes: [UInt8]

    package init(pad: PadTerms, bytes: [UInt8]) {
        self.pad = pad
        self.bytes = bytes
    }
}

/// A message whose signature fits its sender.
package struct OpenedMessage: Sendable {
    enum Content: Sendable {
        case message(Message)
        /// From the future: nothing is known of it but the ID to answer to.
        case unknownVersion(MessageID, text: String)
    }

    let pad: PadTerms
    let size: Int
    let signer: Certificate
    let presented: PresentedCertificate
    let content: Content

    var sender: SenderLimits.Sender { SenderLimits.Sender(pad: pad.id, key: signer.fingerprint) }

    var messageID: MessageID {
        switch content {
        case .message(let message): message.envelope.messageID
        case .unknownVersion(let id, _): id
        }
    }
}

/// What became of a file when it was opened.
enum Opening: Sendable {
    case opened(OpenedMessage)
    /// To be moved to the quarantine, and never read again. `signer`: who signed what only somebody else may say.
    case malformed(reason: String, signer: Fingerprint? = nil)
}

/// Opens files: decrypts, checks signature and certificate, parses. Pure but for libcrypto, so that it runs on all cores at once.
struct Opener: Sendable {
    let keys: RecipientKeys
    let authority: Certificate
    let maximumBytes: Int
    let now: Timestamp

    func open(_ file: IncomingFile) -> Opening {
        do throws(SealingError) {
            let opened = try Sealing.open(file.bytes, with: keys, limit: maximumBytes)
            guard let presented = presented(opened.signer) else {
                return .malformed(
                    reason: "signed with a certificate that is neither its own nor a host's of this controller",
                    signer: opened.signer.fingerprint)
            }
            return read(opened, file, presented)
        } catch {
            return .malformed(reason: error.description)
        }
    }

    /// Nil for what a host may not sign with: a role of the controller's, another authority's certificate, a broken one.
    private func presented(_ certificate: Certificate) -> PresentedCertificate? {
        switch certificate.fault(issuedBy: authority, role: .host, at: now) {
        case nil: return .issued(ends: certificate.notAfter)
        case .expired, .notYetValid:
            // Whether an ended one is still heard, and one from the future by a clock that went back, is decided with the host's record.
            return certificate.isSigned(by: authority.publicKey) ? .issued(ends: certificate.notAfter) : nil
        default:
            return certificate.isSelfIssued && certificate.role == nil && !certificate.isAuthority
                && certificate.isSigned(by: certificate.publicKey) ? .own : nil
        }
    }

    private func read(_ opened: Opened, _ file: IncomingFile, _ presented: PresentedCertificate) -> Opening {
        let content: OpenedMessage.Content
        do throws(MessageError) {
            let message = try Message.parse(opened.payload)
            guard message.envelope.sender == opened.signer.fingerprint else {
                return .malformed(
                    reason: "it names \(message.envelope.sender) as its sender, and \(opened.signer.fingerprint) signed it",
                    signer: opened.signer.fingerprint)
            }
            guard !message.body.kind.isFromController else {
                return .malformed(
                    reason: "it is a \(message.body.kind.rawValue), which only a controller sends", signer: opened.signer.fingerprint)
            }
            content = .message(message)
        } catch {
            switch error {
            case .unknownFormat(_, let id?), .unknownKind(_, let id?): content = .unknownVersion(id, text: error.description)
            default: return .malformed(reason: error.description)
            }
        }
        return .opened(
            OpenedMessage(
                pad: file.pad, size: file.bytes.count, signer: opened.signer, presented: presented, content: content))
    }
}
