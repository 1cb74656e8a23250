import ControllerAPI
import Files
import Foundation
import Identifiers
import Provider
import Sealing
import Store

extension Handlers {
    func showController() async throws -> Answer {
        let record = try await store.read { try $0.controller() }
        return .document(
            ControllerDocument(
                controllerID: record.id, fingerprint: parts.keys.current.fingerprint, version: ControllerVersion.text,
                epoch: record.epoch, startedAt: parts.startedAt))
    }

    /// The copy is made beside the database and sent from there, so that the file that comes of it belongs to whoever asked.
    func backup(_ call: Call) async throws -> Answer {
        let folder = "\(parts.directory.path)/.backup"
        try makeDirectories(folder)
        let path = "\(folder)/\(UUID().uuidString)"
        // Where the file is kept in the end, its reader alone knows.
        let id = try await store.read { try $0.controller().id }
        _ = try await store.backUp(to: path, subject: id.text, by: call.actor)
        return .file(path)
    }

    func showKeys() async throws -> Answer { .document(try await keysDocument()) }

    private func keysDocument() async throws -> KeysDocument {
        let record = try await store.read { try $0.controller() }
        let keys = parts.keys.current
        let authority = KeyDocument(keys.authority.certificate, role: .authority, state: .current)
        let leaves = [
            KeyDocument(keys.signing.certificate, role: .signing, state: .current),
            KeyDocument(keys.decryption.certificate, role: .decryption, state: .current),
        ]
        let previous = keys.previous.map { KeyDocument($0.certificate, role: .decryption, state: .previous) }
        return KeysDocument(controllerID: record.id, fingerprint: keys.fingerprint, keys: [authority] + leaves + previous)
    }

    func rotateKeys(_ call: Call) async throws -> Answer {
        _ = try await parts.rotation.rotate(by: call.actor)
        return .document(try await keysDocument())
    }
}

extension KeyDocument {
    init(_ certificate: Certificate, role: KeyRole, state: KeyStateName) {
        self.init(
            role: role, fingerprint: certificate.fingerprint, state: state, notBefore: certificate.notBefore,
            notAfter: certificate.notAfter)
    }
}
