import Files
import Glibc
import ISCSI

/// What the kernel's reasons for no connection mean.
package enum Reachability {
    package static func outcome(_ errno: Int32) -> ISCSIOutcome {
        switch errno {
        case ECONNREFUSED: .refused
        // It stood, and was ended before anything was said.
        case ECONNRESET: .notAnISCSIPortal
        case ETIMEDOUT: .unreachable
        case EACCES, EPERM: .noPermission
        case ENODEV, EADDRNOTAVAIL, EINVAL: .invalidParameter
        case _ where isExhausted(errno): .initiatorMisconfigured
        default: .unreachable
        }
    }

    package static func text(_ errno: Int32) -> String {
        switch errno {
        case ECONNREFUSED: "the connection was refused: nothing listens at that port"
        case ENETUNREACH: "there is no route to it"
        case EHOSTUNREACH: "it does not answer on its network, or a router says that it cannot be reached"
        case EACCES, EPERM: "this host does not let the connection out: a firewall rule, or a broadcast address"
        case EADDRNOTAVAIL: "the interface has no address of this kind"
        case _ where isExhausted(errno):
            "this host has no room for a connection: \(FileError.text(of: errno)); end other programs, or raise their limit (ulimit -n)"
        default: "no connection: \(FileError.text(of: errno))"
        }
    }

    /// Whether it says nothing of the address: this host has no descriptor, memory or port to spare.
    static func isExhausted(_ errno: Int32) -> Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN].contains(errno) }

    static func isWithoutRoute(_ errno: Int32) -> Bool { errno == ENETUNREACH }
}
