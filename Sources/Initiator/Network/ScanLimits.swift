/// How a scan is held back, and how long anything may take.
package struct ScanLimits: Equatable, Sendable {
    /// Connections that are being opened or spoken over at a time.
    package var inFlight = 1024
    /// Addresses that may be silent at a time (`Pace`): half of the neighbours that Linux has room for (arp(7), `gc_thresh3`).
    package var silent = 512
    /// As many more in a second: those of before have left the tables of neighbours after three.
    package var silentPerSecond = 170
    /// For an address of a scan to answer, each time that it is tried. Storage is milliseconds away; the kernel would send a lost SYN again after a
    /// second only.
    package var scan = Duration.milliseconds(350)
    /// So often is a silent address tried: one lost SYN loses no portal.
    package var scanAttempts = 2
    /// For a portal that somebody named to answer.
    package var connect = Duration.seconds(5)
    /// For a portal's whole answer, from the standing connection on.
    package var conversation = Duration.seconds(15)
    /// For everything; nil where it takes as long as it takes.
    package var whole: Duration?

    package init() {}
}
