import CUdev
import Glibc

/// Says that block devices, FC hosts, iSCSI sessions or NVMe controllers came, went or changed: from udev, after its rules ran, or from the
/// kernel where no udevd runs. What changed is read from sysfs afterwards, not from the event.
package final class DeviceMonitor {
    private static let subsystems: [StaticString] = [
        "block", "scsi", "fc_host", "fc_remote_ports", "iscsi_session", "iscsi_host", "nvme", "nvme-subsystem",
    ]

    private let monitor: OpaquePointer
    package let number: Int32
    /// True where udevd is there to send events when its rules have run.
    package let isFromUdev: Bool

    /// Nil where there is no libudev, or the kernel gives no netlink socket, as in some containers.
    package init?() {
        isFromUdev = access("/run/udev/control", F_OK) == 0
        // The names are copied by libudev; they live as long as the program besides.
        let subsystems: [UnsafePointer<CChar>?] = Self.subsystems.map { UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self) }
        guard let monitor = quartermaster_monitor_open(isFromUdev ? "udev" : "kernel", subsystems, Int32(subsystems.count)) else {
            return nil
        }
        self.monitor = monitor
        number = quartermaster_monitor_descriptor(monitor)
    }

    deinit { quartermaster_monitor_close(monitor) }

    /// Takes all waiting events, and says how many there were. Lost ones (the socket's buffer overran) count as one.
    package func drain() -> Int {
        var count = 0
        for _ in 0..<10_000 {
            switch quartermaster_monitor_take(monitor) {
            case 1: count += 1
            case 0: return count
            default: return errno == ENOBUFS ? count + 1 : count
            }
        }
        return count
    }
}
