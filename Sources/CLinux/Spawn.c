#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int quartermaster_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int quartermaster_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// What the new process does to itself before it becomes the program; async-signal-safe calls alone, in the parent's memory. Returns where
// one failed, with errno set.
static void become(const char *path, char *const arguments[], char *const environment[], const int descriptors[3], int death_signal,
                   pid_t parent) {
    if (setpgid(0, 0) != 0) return;
    if (death_signal != 0) {
        if (prctl(PR_SET_PDEATHSIG, death_signal) != 0) return;
        // It may have ended before the line above.
        if (getppid() != parent) _exit(127);
    }
    for (int i = 0; i < 3; i++) {
        // dup2 of a descriptor onto itself would leave it to be closed by exec.
        if (descriptors[i] == i ? fcntl(i, F_SETFD, 0) != 0 : dup2(descriptors[i], i) < 0) return;
    }
    closefrom(3);
    struct sigaction action = {.sa_handler = SIG_DFL};
    // SIGKILL, SIGSTOP and those of the C library refuse; they are at their defaults.
    for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
    sigset_t none;
    sigemptyset(&none);
    if (sigprocmask(SIG_SETMASK, &none, NULL) != 0) return;
    execve(path, arguments, environment);
}

int quartermaster_spawn(const char *path, char *const arguments[], char *const environment[], int input, int output, int error,
                        int death_signal, int *process) {
    const int descriptors[3] = {input, output, error};
    const pid_t parent = getpid();
    // No handler of ours may run in the new process while it shares this memory.
    sigset_t all, before;
    sigfillset(&all);
    int result = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (result != 0) return result;
    // Not posix_spawn, which cannot set the signal of the parent's death.
    volatile int failure = 0;
    const pid_t started = vfork();
    if (started == 0) {
        become(path, arguments, environment, descriptors, death_signal, parent);
        failure = errno;
        _exit(127);
    }
    result = started < 0 ? errno : failure;
    if (started > 0 && result != 0) {
        while (waitpid(started, NULL, 0) < 0 && errno == EINTR) {}
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (result == 0) *process = started;
    return result;
}
