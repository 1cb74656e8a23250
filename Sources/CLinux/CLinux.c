#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

int quartermaster_open_beneath(int directory, const char *path, int flags, unsigned int mode) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)flags;
    how.mode = (flags & (O_CREAT | O_TMPFILE)) ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS;
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int quartermaster_openat(int directory, const char *path, int flags, unsigned int mode) {
    return openat(directory, path, flags, mode);
}

int quartermaster_stat_folder(const char *path, int follow, struct quartermaster_folder *folder) {
    struct statx found;
    int flags = AT_STATX_FORCE_SYNC | (follow ? 0 : AT_SYMLINK_NOFOLLOW);
    if (statx(AT_FDCWD, path, flags, STATX_TYPE | STATX_INO | STATX_MTIME, &found) != 0) return errno;
    if (!S_ISDIR(found.stx_mode)) return ENOTDIR;
    folder->device = ((uint64_t)found.stx_dev_major << 32) | found.stx_dev_minor;
    folder->inode = found.stx_ino;
    folder->modified_seconds = found.stx_mtime.tv_sec;
    folder->modified_nanoseconds = found.stx_mtime.tv_nsec;
    return 0;
}

int quartermaster_block_device(int directory, const char *name, uint32_t *major, uint32_t *minor) {
    struct statx found;
    if (statx(directory, name, AT_STATX_DONT_SYNC, STATX_TYPE, &found) != 0 || !S_ISBLK(found.stx_mode)) return 0;
    *major = found.stx_rdev_major;
    *minor = found.stx_rdev_minor;
    return 1;
}

int quartermaster_syncfs(int descriptor) { return syncfs(descriptor); }

int quartermaster_signal_descriptor(const int *signals, int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < count; i++) sigaddset(&set, signals[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int quartermaster_read_signal(int descriptor) {
    struct signalfd_siginfo info;
    ssize_t count = read(descriptor, &info, sizeof info);
    return count == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

int quartermaster_timer(void) { return timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK); }

int quartermaster_timer_set(int timer, int64_t seconds, int64_t nanoseconds) {
    // All zero would switch it off.
    struct itimerspec time = {.it_value = {.tv_sec = (time_t)seconds, .tv_nsec = (long)nanoseconds + (seconds == 0 && nanoseconds == 0)}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &time, NULL);
}

void quartermaster_keep_one_heap(void) { mallopt(M_ARENA_MAX, 1); }

void quartermaster_leave_no_core(void) { prctl(PR_SET_DUMPABLE, 0); }

void quartermaster_trim_heap(void) { malloc_trim(0); }

const int quartermaster_o_path = O_PATH;

static int open_resolving(int directory, const char *path, int flags, uint64_t resolve) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)(flags | O_CLOEXEC);
    how.resolve = resolve;
    // Where the path, or a link in it, holds `..` and anything on this machine is renamed or mounted meanwhile, the kernel cannot be sure that the
    // lookup stayed within, and says so: it is asked again (openat2(2), EAGAIN).
    int descriptor = -1;
    for (int tries = 0; tries < 1000; tries++) {
        descriptor = (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
        if (descriptor >= 0 || errno != EAGAIN) break;
    }
    return descriptor;
}

int quartermaster_open_in(int directory, const char *path, int flags, enum quartermaster_resolution resolution) {
    switch (resolution) {
    case quartermaster_resolution_in_root: return open_resolving(directory, path, flags, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    case quartermaster_resolution_beneath: return open_resolving(directory, path, flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
    case quartermaster_resolution_own_links:
        return open_resolving(directory, path, flags, RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS);
    case quartermaster_resolution_own_name: {
        int descriptor = open_resolving(directory, path, flags | O_NOFOLLOW, RESOLVE_NO_XDEV);
        if (descriptor >= 0 || errno != ENOSYS) return descriptor;
        return openat(directory, path, flags | O_CLOEXEC | O_NOFOLLOW);
    }
    case quartermaster_resolution_no_link: return openat(directory, path, flags | O_CLOEXEC | O_NOFOLLOW);
    default: return openat(directory, path, flags | O_CLOEXEC);
    }
}

static int refused(mode_t mode, int *is_other) {
    *is_other = !S_ISDIR(mode) && !S_ISLNK(mode);
    return S_ISDIR(mode) ? EISDIR : S_ISLNK(mode) ? ELOOP : ENXIO;
}

/// A single name: looked at, then opened. What takes its place in between is opened without waiting and without following, and is seen by who reads.
static int open_regular_name(int directory, const char *name, int *is_other) {
    struct stat status;
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) return -1;
    if (S_ISREG(status.st_mode)) return openat(directory, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
    errno = refused(status.st_mode, is_other);
    return -1;
}

/// A descriptor of a regular file, to be read, or -1 with errno set; what else it is was never opened for reading.
static int open_regular(int directory, const char *path, enum quartermaster_resolution resolution, int *is_other) {
    struct stat status;
    if (resolution == quartermaster_resolution_no_link) return open_regular_name(directory, path, is_other);
    int named = quartermaster_open_in(directory, path, O_PATH, resolution);
    if (named < 0) return -1;
    int descriptor = -1, error = 0;
    if (fstat(named, &status) != 0) {
        error = errno;
    } else if (S_ISREG(status.st_mode)) {
        char name[32];
        snprintf(name, sizeof name, "/proc/self/fd/%d", named);
        descriptor = open(name, O_RDONLY | O_CLOEXEC);
        // The file is there: it is /proc that is not.
        if (descriptor < 0) error = errno == ENOENT ? EIO : errno;
    } else {
        error = refused(status.st_mode, is_other);
    }
    close(named);
    errno = error;
    return descriptor;
}

int quartermaster_open_file(int directory, const char *path, enum quartermaster_resolution resolution, int *is_other) {
    *is_other = 0;
    if (resolution != quartermaster_resolution_plain) return open_regular(directory, path, resolution, is_other);
    int descriptor = quartermaster_open_in(directory, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, resolution);
    struct stat status;
    // A socket, or a device without a driver, cannot be opened at all.
    if (descriptor < 0 && errno == ENXIO) {
        *is_other = fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(status.st_mode);
        errno = ENXIO;
    }
    return descriptor;
}

long quartermaster_read_in(int directory, const char *path, enum quartermaster_resolution resolution, void *buffer, size_t size,
                           int whole) {
    int is_other;
    int descriptor = quartermaster_open_file(directory, path, resolution, &is_other);
    if (descriptor < 0) return is_other ? quartermaster_not_regular : -(long)errno;
    struct stat status;
    size_t filled = 0;
    long result = 0;
    for (;;) {
        ssize_t count = read(descriptor, (char *)buffer + filled, size - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) result = -(long)errno;
        if (count <= 0) break;
        filled += (size_t)count;
        if (!whole || filled == size) break;
    }
    // Nothing in it: an empty file, an attribute without a value, or what is no file at all.
    if (filled == 0 && fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        result = quartermaster_not_regular;
    close(descriptor);
    return result < 0 ? result : (long)filled;
}

long quartermaster_list(int descriptor, void *buffer, size_t size) {
    long count = syscall(SYS_getdents64, descriptor, buffer, size);
    return count < 0 ? -(long)errno : count;
}

int quartermaster_pidfd_open(int process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int quartermaster_wait_for_input(int descriptor, const sigset_t *mask) {
    struct pollfd waiting = {.fd = descriptor, .events = POLLIN};
    return ppoll(&waiting, 1, NULL, mask);
}

void quartermaster_release_code(void) {
    FILE *maps = fopen("/proc/self/maps", "re");
    if (maps == NULL) return;
    char line[4352];
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long start, end, inode;
        char permissions[5];
        if (sscanf(line, "%lx-%lx %4s %*x %*x:%*x %lu", &start, &end, permissions, &inode) != 4) continue;
        // Never written to, and backed by a file: the kernel maps it again from there.
        if (inode != 0 && strcmp(permissions, "r-xp") == 0) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    fclose(maps);
}

int quartermaster_peer(int socket, uint32_t *user, int32_t *process) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *user = credentials.uid;
    *process = credentials.pid;
    return 0;
}

int quartermaster_user(const char *name, uint32_t *user) {
    struct passwd entry, *found = NULL;
    char buffer[16384];
    if (getpwnam_r(name, &entry, buffer, sizeof buffer, &found) != 0 || found == NULL) return -1;
    *user = found->pw_uid;
    return 0;
}

int quartermaster_become(uint32_t user, uint32_t group) {
    struct passwd entry, *found = NULL;
    char buffer[16384];
    if (getpwuid_r(user, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL) {
        if (initgroups(found->pw_name, group) != 0) return -1;
    } else if (setgroups(0, NULL) != 0) {
        return -1;
    }
    if (setresgid(group, group, group) != 0) return -1;
    return setresuid(user, user, user);
}

int quartermaster_set_io_priority(int priority_class, int level) {
    // IOPRIO_WHO_PROCESS is 1; the class stands above 13 bits of level (ioprio_set(2)).
    return (int)syscall(SYS_ioprio_set, 1, 0, priority_class << 13 | level);
}

int quartermaster_connect_local(const char *name, size_t length, int type) {
    struct sockaddr_un address;
    memset(&address, 0, sizeof address);
    address.sun_family = AF_UNIX;
    if (length == 0 || length >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, name, length);
    int descriptor = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return -1;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (connect(descriptor, (const struct sockaddr *)&address, size) != 0) {
        int error = errno;
        close(descriptor);
        errno = error;
        return -1;
    }
    return descriptor;
}
