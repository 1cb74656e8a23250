import Identifiers

/// Vendor, product and serial number as far as a target's name and alias tell them: no session is needed, and nothing is said beyond the vendor's own
/// convention. The tables are in `NamingAuthorities` and `OrganizationIdentifiers`.
package struct TargetMaker: Sendable, Hashable {
    package var vendor: String
    package var product: String?
    package var serial: String?

    package init(vendor: String, product: String? = nil, serial: String? = nil) {
        self.vendor = vendor
        self.product = product
        self.serial = serial
    }

    /// Nil where neither says anything.
    package static func of(_ name: ISCSIName, alias: String? = nil) -> TargetMaker? {
        let text = name.description.utf8
        if text.starts(with: "iqn.".utf8) {
            if let (row, rest) = NamingAuthorities.row(of: text.dropFirst(4)) {
                for convention in row.conventions {
                    guard let parts = convention.parts(of: rest) else { continue }
                    return TargetMaker(
                        vendor: row.vendor, product: convention.product ?? parts.product.map { $0.uppercased() },
                        serial: parts.serial.map { $0.uppercased() })
                }
                return TargetMaker(vendor: row.vendor)
            }
        } else if let identifier = organization(text), let vendor = OrganizationIdentifiers.vendor(of: identifier) {
            return TargetMaker(vendor: vendor)
        }
        // What LIO calls its targets unless it is told otherwise.
        return alias == "LIO Target" ? TargetMaker(vendor: "Linux", product: "LIO") : nil
    }

    /// The 24 bits of the IEEE's organizationally unique identifier in an EUI-64 or NAA name (RFC 7143 sections 4.2.7.5, 4.2.7.6; FC-FS).
    private static func organization(_ text: String.UTF8View) -> UInt32? {
        let digits = text.dropFirst(4)
        let place: Int
        switch digits.first {
        case _ where text.starts(with: "eui.".utf8): place = 0
        // IEEE registered, and registered extended: they follow the first digit.
        case UInt8(ascii: "5"), UInt8(ascii: "6"): place = 1
        // IEEE extended: they follow twelve bits of the vendor's own.
        case UInt8(ascii: "2"): place = 4
        default: return nil
        }
        return UInt32(Substring(digits.dropFirst(place).prefix(6)), radix: 16)
    }
}
