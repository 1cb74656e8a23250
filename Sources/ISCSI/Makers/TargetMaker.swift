import Identifiers

/// Vendor, product and serial number as far as a target's name and alias tell them: no session is needed, and nothing is certain that the vendor's own
/// convention does not say.
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
    package static func of(_ name: ISCSIName, alias: String? = nil) -> TargetMaker? { nil }
}
