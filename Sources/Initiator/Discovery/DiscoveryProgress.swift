/// How far a discovery is; for a line on a terminal.
package struct DiscoveryProgress: Equatable, Sendable {
    /// Addresses of the scan that were tried, of `addresses`.
    package var tried = 0
    package var addresses = 0
    /// Portals that answered as such.
    package var portals = 0
    package var targets = 0

    package init() {}
}
