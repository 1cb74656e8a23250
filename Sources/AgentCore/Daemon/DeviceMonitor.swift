import CUdev
import Glibc

/// Says that block devices, FC hosts, iSCSI sessions or NVMe controllers came, went or changed: from udev, after its rules ran, or from the
/// kernel where no udevd runs. What changed is read from sysfs afterwards, not from the event.
package final class DeviceMonitor {
    private static let subsystems = ["block", "fc_host", "fc_remote_ports", "iscsi_session", "iscsi_host", "nvme", "nvme-subsystem"]

    private let udev: OpaquePointer
    private let monitor: OpaquePointer
    package let number: Int32
    /// True where udevd is there to send events when its rules have run.
    package let isFromUdev: Bool

    /// Nil where the kernel gives no netlink socket, as in some containers.
    package init?() {
        isFromUdev = access("/run/udev/control", F_OK) == 0
        guard let udev = udev_new() else { return nil }
        guard let monitor = udev_monitor_new_from_netlink(udev, isFromUdev ? "udev" : "kernel") else {
            udev_unref(udev)
            return nil
        }
        for subsystem in Self.subsystems { udev_monitor_filter_add_match_subsystem_devtype(monitor, subsystem, nil) }
        guard udev_monitor_enable_receiving(monitor) >= 0 else {
            udev_monitor_unref(monitor)
            udev_unref(udev)
            return nil
        }
        self.udev = udev
        self.monitor = monitor
        number = udev_monitor_get_fd(monitor)
    }

    deinit {
        udev_monitor_unref(monitor)
        udev_unref(udev)
    }

    /// Takes all waiting events; true where there was one. A lost one (the socket's buffer overran) counts too.
    package func drain() -> Bool {
        var count = 0
        while count < 10_000 {
            errno = 0
            guard let device = udev_monitor_receive_device(monitor) else {
                return count > 0 || errno == ENOBUFS
            }
            udev_device_unref(device)
            count += 1
        }
        return true
    }
}
