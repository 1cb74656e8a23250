// Loaded into a program under test (LD_PRELOAD): counts the calls that change files, and kills the process at one of them, before it is made.
//
//   KILL_SWITCH_AT    the number of the call, from 1; 0 or absent: none
//   KILL_SWITCH_ARM   a file: calls count only while it is there; absent: all count
//   KILL_SWITCH_LOG   a file that gets a line for each call that counts: its number, its name, and the file it is on
//
// Writes count where they go to a regular file other than standard error.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long count;

static void step(const char *name, const char *subject) {
    const char *arm = getenv("KILL_SWITCH_ARM");
    if (arm != NULL && syscall(SYS_access, arm, F_OK) != 0) return;
    const char *at = getenv("KILL_SWITCH_AT"), *log = getenv("KILL_SWITCH_LOG");
    if (at == NULL && log == NULL) return;
    const long number = atomic_fetch_add(&count, 1) + 1;
    if (log != NULL) {
        char line[4352];
        const int length = snprintf(line, sizeof line, "%ld %s %s\n", number, name, subject);
        const int file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (file >= 0) {
            syscall(SYS_write, file, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
            syscall(SYS_close, file);
        }
    }
    if (at != NULL && number == atol(at)) {
        syscall(SYS_kill, getpid(), SIGKILL);
        for (;;) pause();
    }
}

static void step_on(const char *name, int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = syscall(SYS_readlink, link, path, sizeof path - 1);
    path[length > 0 ? length : 0] = 0;
    step(name, path);
}

static int is_file(int descriptor) {
    struct stat status;
    return descriptor > 2 && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fsync(int d) { step_on("fsync", d); return NEXT(fsync)(d); }
int fdatasync(int d) { step_on("fdatasync", d); return NEXT(fdatasync)(d); }
int syncfs(int d) { step_on("syncfs", d); return NEXT(syncfs)(d); }
int ftruncate(int d, off_t size) { step_on("ftruncate", d); return NEXT(ftruncate)(d, size); }
int ftruncate64(int d, off64_t size) { step_on("ftruncate", d); return NEXT(ftruncate64)(d, size); }
int fchmod(int d, mode_t mode) { step_on("fchmod", d); return NEXT(fchmod)(d, mode); }
int rename(const char *a, const char *b) { step("rename", b); return NEXT(rename)(a, b); }
int renameat(int c, const char *a, int d, const char *b) { step("rename", b); return NEXT(renameat)(c, a, d, b); }
int linkat(int c, const char *a, int d, const char *b, int flags) { step("link", b); return NEXT(linkat)(c, a, d, b, flags); }
int unlink(const char *a) { step("unlink", a); return NEXT(unlink)(a); }
int unlinkat(int d, const char *a, int flags) { step("unlink", a); return NEXT(unlinkat)(d, a, flags); }
int rmdir(const char *a) { step("rmdir", a); return NEXT(rmdir)(a); }
int mkdir(const char *a, mode_t mode) { step("mkdir", a); return NEXT(mkdir)(a, mode); }
int mkdirat(int d, const char *a, mode_t mode) { step("mkdir", a); return NEXT(mkdirat)(d, a, mode); }
ssize_t write(int d, const void *bytes, size_t size) {
    if (is_file(d)) step_on("write", d);
    return NEXT(write)(d, bytes, size);
}
ssize_t pwrite(int d, const void *bytes, size_t size, off_t at) { step_on("write", d); return NEXT(pwrite)(d, bytes, size, at); }
ssize_t pwrite64(int d, const void *bytes, size_t size, off64_t at) { step_on("write", d); return NEXT(pwrite64)(d, bytes, size, at); }
