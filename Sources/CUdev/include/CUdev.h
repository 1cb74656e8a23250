// Device events from udev or the kernel, over libudev, which is loaded when a monitor is opened (docs/decisions/0007-libraries-when-needed.md).
#ifndef QUARTERMASTER_CUDEV_H
#define QUARTERMASTER_CUDEV_H

struct quartermaster_monitor;

/// Listens to the events of `count` subsystems, from "udev" or "kernel". NULL where there is no libudev, or the kernel gives no netlink socket.
struct quartermaster_monitor *quartermaster_monitor_open(const char *source, const char *const subsystems[], int count);

/// The descriptor to wait on, until the monitor is closed.
int quartermaster_monitor_descriptor(const struct quartermaster_monitor *monitor);

/// Takes one event: 1, 0 where none is waiting, or -1 with errno set (ENOBUFS: some were lost).
int quartermaster_monitor_take(struct quartermaster_monitor *monitor);

void quartermaster_monitor_close(struct quartermaster_monitor *monitor);

#endif
