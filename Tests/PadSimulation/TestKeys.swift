import Identifiers
import Sealing

/// A controller and a host, made anew for the tests of this run.
package struct TestKeys: Sendable {
    package let now: Timestamp
    package let keys: ControllerKeys
    package let hostKey: PrivateKey
    /// Issued by the controller.
    package let host: Signer
    /// Self-signed, as at first contact.
    package let stranger: Signer

    package init(
        now: Timestamp = Timestamp(seconds: 1_795_246_200), leafLifetime: Duration = .seconds(86_400)
    ) throws {
        self.now = now
        let authorityKey = try PrivateKey.generate()
        let authority = try CertificateAuthority.create(
            key: authorityKey, name: "controller-test", now: now, lifetime: .seconds(30 * 365 * 86_400))
        func leaf(_ role: CertificateRole) throws -> Leaf {
            let key = try PrivateKey.generate()
            return Leaf(
                key: key,
                certificate: try authority.issue(
                    for: key.publicKey, role: role, subjectName: "controller-test", now: now, lifetime: leafLifetime))
        }
        keys = try ControllerKeys(
            authority: authority, signing: leaf(.controllerSigning), decryption: leaf(.controllerDecryption), previous: [])
        let hostKey = try PrivateKey.generate()
        self.hostKey = hostKey
        host = try Signer(
            key: hostKey,
            certificate: authority.issue(
                for: hostKey.publicKey, role: .host, subjectName: "host-test", now: now, lifetime: leafLifetime))
        stranger = try Signer(
            key: hostKey,
            certificate: CertificateAuthority.selfSigned(key: hostKey, subjectName: "host", now: now, lifetime: leafLifetime))
    }
}
