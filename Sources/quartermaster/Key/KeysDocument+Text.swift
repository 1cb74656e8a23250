import ControllerAPI

extension KeysDocument {
    var text: String {
        var table = Table("ROLE", "STATE", "FINGERPRINT", "FROM", "UNTIL")
        for key in keys {
            table.row(
                key.role.rawValue, key.state.rawValue, key.fingerprint.description, key.notBefore.description, key.notAfter.description)
        }
        return "Controller \(controllerID)\nFingerprint \(fingerprint)\n\n" + table.text(colour: Terminal.hasColour)
    }
}
