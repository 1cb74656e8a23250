import Identifiers

/// open-iscsi's `/etc/iscsi/initiatorname.iscsi`: `InitiatorName=iqn…`, comments with `#`. Before the service's first start, Debian's
/// file says
/// `GenerateName=yes` and names nobody yet.
package enum InitiatorNameFile {
    static let path = "etc/iscsi/initiatorname.iscsi"

    package static func parse(_ bytes: UnsafeRawBufferPointer) -> FactText.Parsed<ISCSIName> {
        for line in Lines(bytes) {
            let text = FactText.trimmed(line)
            guard let (key, value) = text.split(at: UInt8(ascii: "=")), FactText.equal(FactText.trimmed(key), "InitiatorName") else {
                continue
            }
            guard let name = FactText.valid(value).flatMap({ ISCSIName($0) }) else {
                return .malformed("not an iSCSI name: \(FactText.excerpt(FactText.trimmed(value)))")
            }
            return .value(name)
        }
        return .nothing
    }
}
