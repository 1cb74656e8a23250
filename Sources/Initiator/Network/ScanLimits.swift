/// How a scan is held back, so that a firewall's tables and a switch's neighbours are not swamped by it.
package struct ScanLimits: Equatable, Sendable {
    /// Connections that are being opened or spoken over at a time.
    package var inFlight = 1024
    /// Connections opened in a second, over the whole scan; a few may go together.
    package var perSecond = 20_000
    /// For a connection to stand or be refused.
    package var connect = Duration.milliseconds(1_000)
    /// For a portal's whole answer, from the standing connection on.
    package var conversation = Duration.seconds(15)
    /// For everything; nil where it takes as long as it takes.
    package var whole: Duration?

    package init() {}
}
