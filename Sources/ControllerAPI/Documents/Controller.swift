import Identifiers

/// The controller that answers.
package struct ControllerDocument: APIDocument, Equatable {
    package let controllerID: ControllerID
    /// Of the CA's key: what an administrator gives to `register --controller-key`.
    package let fingerprint: Fingerprint
    package let version: String
    /// Raised by each restore.
    package let epoch: Int64
    package let startedAt: Timestamp

    package init(controllerID: ControllerID, fingerprint: Fingerprint, version: String, epoch: Int64, startedAt: Timestamp) {
        self.controllerID = controllerID
        self.fingerprint = fingerprint
        self.version = version
        self.epoch = epoch
        self.startedAt = startedAt
    }
}

/// The controller's keys: the CA that hosts pin, and the leaf keys that rotate under it.
package struct KeysDocument: APIDocument, Equatable {
    package let controllerID: ControllerID
    package let fingerprint: Fingerprint
    package let keys: [KeyDocument]

    package init(controllerID: ControllerID, fingerprint: Fingerprint, keys: [KeyDocument]) {
        self.controllerID = controllerID
        self.fingerprint = fingerprint
        self.keys = keys
    }
}

package struct KeyDocument: APIDocument, Equatable {
    package let role: KeyRole
    package let fingerprint: Fingerprint
    package let state: KeyStateName
    package let notBefore: Timestamp
    package let notAfter: Timestamp

    package init(role: KeyRole, fingerprint: Fingerprint, state: KeyStateName, notBefore: Timestamp, notAfter: Timestamp) {
        self.role = role
        self.fingerprint = fingerprint
        self.state = state
        self.notBefore = notBefore
        self.notAfter = notAfter
    }
}

package enum KeyRole: String, APIEnumeration { case authority, signing, decryption }

/// A `previous` decryption key still opens what hosts sealed to it before they saw the new one.
package enum KeyStateName: String, APIEnumeration { case current, previous }
