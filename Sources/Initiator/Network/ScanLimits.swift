/// How a scan is held back, and how long anything may take.
package struct ScanLimits: Equatable, Sendable {
    /// Connections that are being opened or spoken over at a time.
    package var inFlight = 1024
    /// Addresses that may be silent at a time (`Pace`): half of the neighbours that Linux has room for (arp(7), `gc_thresh3`).
    package var silent = 512
    /// As many more in a second: those of before have left the tables of neighbours after three.
    package var silentPerSecond = 170
    /// For an address of a scan to answer; a SYN that was lost is sent again by the kernel after one second.
    package var scan = Duration.milliseconds(1_400)
    /// For a portal that somebody named to answer.
    package var connect = Duration.seconds(5)
    /// For a portal's whole answer, from the standing connection on.
    package var conversation = Duration.seconds(15)
    /// For everything; nil where it takes as long as it takes.
    package var whole: Duration?

    package init() {}
}
