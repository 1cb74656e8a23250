// System calls that glibc or Swift's importer does not offer: openat2 has no wrapper, and variadic functions are not imported.
#ifndef QUARTERMASTER_CLINUX_H
#define QUARTERMASTER_CLINUX_H

#include <stddef.h>
#include <signal.h>
#include <stdint.h>

/// openat2(2) below `directory`: RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS.
/// Returns a descriptor, or -1 with errno set (ENOSYS on kernels before 5.6).
int quartermaster_open_beneath(int directory, const char *path, int flags, unsigned int mode);

/// open(2) and openat(2) with a mode: variadic in glibc, which Swift does not import.
int quartermaster_openat(int directory, const char *path, int flags, unsigned int mode);

/// What tells a directory apart, and when it was last changed, since 1970: whoever owns it may have set any time at all.
struct quartermaster_folder {
    uint64_t device, inode;
    int64_t modified_seconds, modified_nanoseconds;
};

/// statx(2) of a directory, asking a file server anew (AT_STATX_FORCE_SYNC); a link as the last name is followed where `follow` is not zero.
/// Returns 0 or an error number: ENOTDIR where it is no directory.
int quartermaster_stat_folder(const char *path, int follow, struct quartermaster_folder *folder);

/// Whether what `name` in the directory leads to is a block device: 1 with its numbers, else 0. No file server is asked (AT_STATX_DONT_SYNC).
int quartermaster_block_device(int directory, const char *name, uint32_t *major, uint32_t *minor);

/// syncfs(2) on the file system that `descriptor` is on.
int quartermaster_syncfs(int descriptor);

/// Blocks the signals and returns a signalfd(2) that reads them; -1 with errno set on failure.
int quartermaster_signal_descriptor(const int *signals, int count);

/// The next signal of such a descriptor; 0 where none is waiting.
int quartermaster_read_signal(int descriptor);

/// From here on SIGINT, SIGTERM and SIGHUP are handled, but those that the process was started to ignore: `first_text` is written to standard error, and
/// the process ends by the signal. Where `holds` is not zero, the first is kept for `quartermaster_caught_interruption` in place of that, and the next
/// one ends the process with `again_text`; it stays kept until signals are held anew. Texts are cut after 511 bytes.
void quartermaster_on_interruption(int holds, const char *first_text, const char *again_text);

/// The signal that was kept; 0 where none was.
int quartermaster_caught_interruption(void);

/// Ends the process by that signal, as it would have ended without a handler.
void quartermaster_end_by(int number) __attribute__((noreturn));

/// timerfd_create(2) on CLOCK_BOOTTIME, which goes on while the machine sleeps; non-blocking and closed on exec. A descriptor, or -1 with errno set.
int quartermaster_timer(void);

/// The timer's descriptor becomes readable at that time since boot, at once where it is past. 0, or -1 with errno set.
int quartermaster_timer_set(int timer, int64_t seconds, int64_t nanoseconds);

/// One heap for all threads (mallopt(3), M_ARENA_MAX), to be said before the first thread: threads that read one after the other each leave some 2 MB
/// behind otherwise, in arenas whose top `quartermaster_trim_heap` does not give back.
void quartermaster_keep_one_heap(void);

/// No core of this process, even where the kernel pipes cores to a program, and no look into its memory by others of its user (prctl(2), PR_SET_DUMPABLE).
void quartermaster_leave_no_core(void);

/// Gives free heap pages back to the kernel (malloc_trim(3)).
void quartermaster_trim_heap(void);

/// How a path of somebody else's tree is looked up.
enum quartermaster_resolution {
    /// As openat(2) does; for this machine's own /sys and /proc.
    quartermaster_resolution_plain = 0,
    /// `directory` is the root of all links, absolute ones and `..` too (RESOLVE_IN_ROOT); no magic links.
    quartermaster_resolution_in_root = 1,
    /// A single name in `directory`, which is no link (O_NOFOLLOW).
    quartermaster_resolution_no_link = 3,
    /// Below `directory`, through no link (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS).
    quartermaster_resolution_beneath = 2,
    /// Below `directory` and on its file system, through links that stay there: what udev's links in /dev do
    /// (RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS). Whatever the path says, nobody else is asked.
    quartermaster_resolution_own_links = 4,
    /// A single name in `directory`, which is no link, and at which nothing is mounted (RESOLVE_NO_XDEV: EXDEV else). Before Linux 5.6, which cannot
    /// say that, as `no_link`.
    quartermaster_resolution_own_name = 5,
};

/// O_PATH, which the C library declares for GNU programs only.
extern const int quartermaster_o_path;

/// Opens with O_CLOEXEC. Returns a descriptor, or -1 with errno set.
int quartermaster_open_in(int directory, const char *path, int flags, enum quartermaster_resolution resolution);

/// What `quartermaster_read_in` returns for a FIFO, a socket or a device from which nothing can be read: no errno is as low.
enum { quartermaster_not_regular = -0x100000 };

/// Opens a file to be read, with O_CLOEXEC, as `quartermaster_read_in` does. Returns a descriptor, or -1 with errno set; `is_other` is then
/// whether it is a FIFO, a socket or a device.
int quartermaster_open_file(int directory, const char *path, enum quartermaster_resolution resolution, int *is_other);

/// Opens, reads at most `size` bytes, closes; never blocks on a FIFO. Of somebody else's tree (every resolution but the plain one) nothing but
/// a regular file is opened: to open a device does something to it. With `whole` zero the first read is all, which is the whole of
/// a sysfs attribute and of a small regular file. Returns the count of bytes, a negative errno, or `quartermaster_not_regular`.
long quartermaster_read_in(int directory, const char *path, enum quartermaster_resolution resolution, void *buffer, size_t size,
                           int whole);

/// getdents64(2). Returns the count of bytes, 0 at the end, or a negative errno.
long quartermaster_list(int descriptor, void *buffer, size_t size);

/// Opens device-mapper's control node. Returns a descriptor, or a negative errno: EACCES for everybody but root.
int quartermaster_dm_control(void);

/// What device-mapper is asked; neither changes anything, and neither answers with a table (a crypt target's holds keys).
enum quartermaster_dm_question {
    /// DM_LIST_DEVICES: a chain of `struct dm_name_list`.
    quartermaster_dm_devices = 0,
    /// DM_TABLE_STATUS of one map, without a flush: `count` times `struct dm_target_spec` and a text.
    quartermaster_dm_status = 1,
};

/// One question, as <linux/dm-ioctl.h> has it. The answer's payload stands at the start of `buffer` afterwards. Returns its length, or a
/// negative errno: ENOBUFS where `size` is too small for the answer, ENXIO where there is no such map.
long quartermaster_dm_ask(int control, enum quartermaster_dm_question question, unsigned int major, unsigned int minor, void *buffer,
                          size_t size, unsigned int *count);

/// pidfd_open(2): a descriptor, closed on exec, that becomes readable when the process ends; -1 with errno set.
int quartermaster_pidfd_open(int process);

/// pipe2(2), both ends closed on exec; 0, or -1 with errno set.
int quartermaster_pipe(int ends[2]);

/// eventfd(2), non-blocking and closed on exec; -1 with errno set.
int quartermaster_eventfd(void);

/// Starts `path` in a process group of its own: all signals at their defaults and unblocked, the three descriptors as its standard input,
/// output and error, and no other. Unless 0, `death_signal` is sent to it when the calling thread ends (prctl(2), PR_SET_PDEATHSIG), however
/// that ends. Returns 0 and the process, or an error number.
int quartermaster_spawn(const char *path, char *const arguments[], char *const environment[], int input, int output, int error,
                        int death_signal, int *process);

/// ppoll(2) on one descriptor for input, without a timeout, under that signal mask: 1, or -1 with errno EINTR after a signal.
int quartermaster_wait_for_input(int descriptor, const sigset_t *mask);

/// Unmaps this process's code pages (MADV_DONTNEED on its executable file mappings): they are in the page cache, and come back when they run.
void quartermaster_release_code(void);

/// SO_PEERCRED (unix(7)): who connected the socket, as the kernel recorded it then. 0, or -1 with errno set.
int quartermaster_peer(int socket, uint32_t *user, int32_t *process);

/// The user's number (getpwnam_r(3)). 0, or -1 where there is no such user.
int quartermaster_user(const char *name, uint32_t *user);

/// From here on, and for good, this process is that user in that group, with the groups that the user is a member of. 0, or -1 with errno set;
/// then the process may be anything between, and must end.
int quartermaster_become(uint32_t user, uint32_t group);

/// ioprio_set(2) for this process: class 2 is best effort (level 0, the first, to 7), class 3 idle. 0, or -1 with errno set.
int quartermaster_set_io_priority(int priority_class, int level);

/// connect(2) to a Unix socket at a path, or in the abstract namespace where `name` begins with a NUL; the descriptor is closed on exec and does not
/// block. `type` is SOCK_STREAM or SOCK_DGRAM. A descriptor, or -1 with errno set.
int quartermaster_connect_local(const char *name, size_t length, int type);

/// What of a descriptor is waited for with epoll(7), and what it has come to.
enum quartermaster_readiness {
    quartermaster_readable = 1,
    quartermaster_writable = 2,
    /// The other side closed or reset it.
    quartermaster_ended = 4,
};

/// One descriptor that came to be ready, by the number that it was watched under.
struct quartermaster_ready {
    uint64_t number;
    uint32_t readiness;
};

/// epoll_create1(2), closed on exec; -1 with errno set.
int quartermaster_epoll(void);

/// epoll_ctl(2): `readiness` of `descriptor` is told with `number`; the end is told always. `is_new` zero changes what was said before.
/// 0, or -1 with errno set.
int quartermaster_epoll_watch(int epoll, int descriptor, uint64_t number, uint32_t readiness, int is_new);

/// epoll_wait(2) for at most so many, 256 at a time. The count, or -1 with errno set.
int quartermaster_epoll_wait(int epoll, struct quartermaster_ready *ready, int count, int milliseconds);

#endif
