import Identifiers
import Messages
import Sealing

extension Exchange {
    /// Carries out what an instruction asks for. That it is to be done is durable first; nil where its outcome comes later. `signed` is the
    /// instruction as the controller signed it, for the root helper.
    mutating func perform(_ task: Reception.Task, _ entry: HandledMessages.Entry, signed: [UInt8]) throws(AgentError) -> HandledMessages
        .Entry?
    {
        try save()
        switch task {
        case .scanBuses:
            var done = entry
            let outcome = context.scanBuses(order(signed))
            try context.reached(.taskDone)
            (done.outcome, done.detail) = (outcome.outcome, outcome.detail)
            state.handled.record(done)
            return done
        case .rotateKeys:
            if state.nextKey == nil {
                state.nextKey = try Self.makeKey(in: directory).record
                try context.reached(.keyWritten)
                try save()
            }
            return nil
        }
    }

    /// Nil before this host has a certificate.
    private func order(_ signed: [UInt8]) -> SignedOrder? {
        guard let certificate = state.membership?.certificates.first else { return nil }
        return SignedOrder(authority: pad.verified.authority.der, certificate: certificate, signed: signed)
    }

    /// After an acceptance for the next key.
    mutating func loadKey() throws(AgentError) {
        let pem = try directory.readKey(state.key.file)
        do throws(SealingError) {
            key = try PrivateKey(pem: pem)
        } catch {
            throw .stateDamaged(path: "\(directory.path)/\(state.key.file)", reason: "\(error)")
        }
    }

    /// From here on with a new key, as if this host had never been registered; what there was is put back where that is refused.
    mutating func renewKey() throws(AgentError) {
        let made = try Self.makeKey(in: directory)
        try context.reached(.keyWritten)
        (state, key) = (state.renewed(with: made.record), made.key)
    }

    /// A new key, in a file of its own.
    static func makeKey(in directory: RegistrationDirectory) throws(AgentError) -> (key: PrivateKey, record: HostKey) {
        let key: PrivateKey
        var pem: [UInt8]
        do throws(SealingError) {
            key = try PrivateKey.generate()
            pem = try key.pem()
        } catch {
            throw .cryptography(operation: "make a key", reason: "\(error)")
        }
        defer { Secret.wipe(&pem) }
        let file = "key-\(key.fingerprint.hexadecimal.prefix(16)).pem"
        try directory.write(file, pem)
        return (key, HostKey(file: file, fingerprint: key.fingerprint))
    }

    static func certificateRequest(for key: PrivateKey) throws(AgentError) -> [UInt8] {
        do throws(SealingError) {
            return try CertificateRequest(key: key, subjectName: subjectName).der
        } catch {
            throw .cryptography(operation: "make a certificate request", reason: "\(error)")
        }
    }
}
