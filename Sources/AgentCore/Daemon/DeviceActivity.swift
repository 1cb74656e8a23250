import Glibc

/// What this host's devices do at the moment: asked before and after the facts are read, so that a change is told whole.
package struct DeviceActivity {
    /// Takes the events that came since it was asked last, and says how many there were.
    package let takeEvents: () -> Int
    /// Whether the kernel told of a device, and udev's rules for it have not run yet: its record, its links, and what is made of it are still to come.
    package let isPending: () -> Bool

    package init(takeEvents: @escaping () -> Int, isPending: @escaping () -> Bool) {
        self.takeEvents = takeEvents
        self.isPending = isPending
    }

    /// udevd keeps `/run/udev/queue` while it has work (udev_queue_get_queue_is_empty(3) looks at it).
    init(_ monitor: DeviceMonitor) {
        self.init(takeEvents: { monitor.drain() }, isPending: { monitor.isFromUdev && access("/run/udev/queue", F_OK) == 0 })
    }
}
