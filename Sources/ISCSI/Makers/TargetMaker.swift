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
        let text = name.description
        if text.hasPrefix("iqn.") {
            for row in NamingAuthorities.rows {
                guard let rest = suffix(of: text.dropFirst(4), behind: row.authority) else { continue }
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

    /// What follows the naming authority, with the `:` or `.` that ends it.
    private static func suffix(of text: Substring, behind authority: String) -> Substring? {
        guard text.hasPrefix(authority) else { return nil }
        let rest = text.dropFirst(authority.count)
        return rest.isEmpty || rest.hasPrefix(":") || rest.hasPrefix(".") ? rest : nil
    }

    /// The 24 bits of the IEEE's organizationally unique identifier in an EUI-64 or NAA name (RFC 7143 sections 4.2.7.5, 4.2.7.6; FC-FS).
    private static func organization(_ text: String) -> UInt32? {
        let digits = text.dropFirst(4)
        if text.hasPrefix("eui.") { return UInt32(digits.prefix(6), radix: 16) }
        switch digits.first {
        // IEEE registered, and registered extended: they follow the first digit.
        case "5", "6": return UInt32(digits.dropFirst().prefix(6), radix: 16)
        // IEEE extended: they follow twelve bits of the vendor's own.
        case "2": return UInt32(digits.dropFirst(4).prefix(6), radix: 16)
        default: return nil
        }
    }
}
