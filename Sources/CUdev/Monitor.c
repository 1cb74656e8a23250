#include "CUdev.h"

#include <dlfcn.h>
#include <errno.h>
#include <libudev.h>
#include <stdlib.h>

#define FUNCTIONS(F) \
    F(udev_new) F(udev_unref) F(udev_device_unref) F(udev_monitor_new_from_netlink) F(udev_monitor_enable_receiving) F(udev_monitor_get_fd) \
    F(udev_monitor_filter_add_match_subsystem_devtype) F(udev_monitor_receive_device) F(udev_monitor_unref)

struct quartermaster_monitor {
    void *library;
    struct udev *udev;
    struct udev_monitor *monitor;
    int descriptor;
#define F(name) __typeof__(&name) name;
    FUNCTIONS(F)
#undef F
};

/// 0 where the library, or one of the functions, is not there.
static int load(struct quartermaster_monitor *monitor) {
    monitor->library = dlopen("libudev.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (monitor->library == NULL) return 0;
#define F(name) \
    if ((monitor->name = (__typeof__(&name))dlsym(monitor->library, #name)) == NULL) return 0;
    FUNCTIONS(F)
#undef F
    return 1;
}

struct quartermaster_monitor *quartermaster_monitor_open(const char *source, const char *const subsystems[], int count) {
    struct quartermaster_monitor *monitor = calloc(1, sizeof *monitor);
    if (monitor == NULL) return NULL;
    if (load(monitor) && (monitor->udev = monitor->udev_new()) != NULL
        && (monitor->monitor = monitor->udev_monitor_new_from_netlink(monitor->udev, source)) != NULL) {
        for (int i = 0; i < count; i++)
            monitor->udev_monitor_filter_add_match_subsystem_devtype(monitor->monitor, subsystems[i], NULL);
        if (monitor->udev_monitor_enable_receiving(monitor->monitor) >= 0) {
            monitor->descriptor = monitor->udev_monitor_get_fd(monitor->monitor);
            return monitor;
        }
    }
    quartermaster_monitor_close(monitor);
    return NULL;
}

int quartermaster_monitor_descriptor(const struct quartermaster_monitor *monitor) { return monitor->descriptor; }

int quartermaster_monitor_take(struct quartermaster_monitor *monitor) {
    errno = 0;
    struct udev_device *device = monitor->udev_monitor_receive_device(monitor->monitor);
    if (device != NULL) {
        monitor->udev_device_unref(device);
        return 1;
    }
    return errno == 0 || errno == EAGAIN ? 0 : -1;
}

void quartermaster_monitor_close(struct quartermaster_monitor *monitor) {
    if (monitor->monitor != NULL) monitor->udev_monitor_unref(monitor->monitor);
    if (monitor->udev != NULL) monitor->udev_unref(monitor->udev);
    if (monitor->library != NULL) dlclose(monitor->library);
    free(monitor);
}
