#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

int quartermaster_dm_control(void) {
    int descriptor = open("/dev/mapper/control", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    return descriptor < 0 ? -errno : descriptor;
}

long quartermaster_dm_ask(int control, enum quartermaster_dm_question question, unsigned int major, unsigned int minor, void *buffer,
                          size_t size, unsigned int *count) {
    if (size < sizeof(struct dm_ioctl) || size > UINT32_MAX) return -EINVAL;
    struct dm_ioctl *request = buffer;
    memset(request, 0, sizeof *request);
    // The interface's first version has both questions; the kernel refuses another major number only.
    request->version[0] = 4;
    request->data_size = (uint32_t)size;
    request->data_start = sizeof *request;
    if (question == quartermaster_dm_status) {
        // Without flushing: a thin pool would commit its metadata for the sake of the answer.
        request->flags = DM_NOFLUSH_FLAG;
        // glibc's layout of the number is the kernel's (new_encode_dev).
        request->dev = makedev(major, minor);
    }
    if (ioctl(control, question == quartermaster_dm_devices ? DM_LIST_DEVICES : DM_TABLE_STATUS, request) != 0) return -errno;
    if (request->flags & DM_BUFFER_FULL_FLAG) return -ENOBUFS;
    if (request->data_start < sizeof *request || request->data_start > size || request->data_size < request->data_start ||
        request->data_size > size)
        return -EPROTO;
    *count = request->target_count;
    size_t length = request->data_size - request->data_start;
    memmove(buffer, (char *)buffer + request->data_start, length);
    return (long)length;
}
