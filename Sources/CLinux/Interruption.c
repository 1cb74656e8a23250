#include "CLinux.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { text_size = 512 };

static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
static volatile sig_atomic_t is_held, caught;
// Changed with the signals blocked.
static char first[text_size], again[text_size];

static void block(sigset_t *before) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) sigaddset(&set, ending[i]);
    sigprocmask(SIG_BLOCK, &set, before);
}

// Async-signal-safe calls alone.
static void end_or_keep(int number) {
    const int error = errno;
    const char *text = is_held && caught ? again : first;
    size_t length = 0;
    while (text[length] != 0) length++;
    // What cannot be said has nobody to tell.
    if (write(STDERR_FILENO, text, length) < 0) {}
    if (is_held && !caught) {
        caught = number;
    } else {
        // Blocked until this returns; then it ends the process.
        signal(number, SIG_DFL);
        raise(number);
    }
    errno = error;
}

static void copy(char *to, const char *text) {
    strncpy(to, text, text_size - 1);
    to[text_size - 1] = 0;
}

void quartermaster_on_interruption(int holds, const char *first_text, const char *again_text) {
    sigset_t before;
    block(&before);
    if (holds && !is_held) caught = 0;
    is_held = holds;
    copy(first, first_text);
    copy(again, again_text);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++) {
        struct sigaction action = {.sa_handler = end_or_keep, .sa_flags = SA_RESTART}, old;
        sigemptyset(&action.sa_mask);
        for (size_t j = 0; j < sizeof ending / sizeof *ending; j++) sigaddset(&action.sa_mask, ending[j]);
        // Whoever started this in the background, or by nohup, has its reasons.
        if (sigaction(ending[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) sigaction(ending[i], &action, NULL);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
}

int quartermaster_caught_interruption(void) { return caught; }

void quartermaster_end_by(int number) {
    signal(number, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    raise(number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    _exit(128 + number);
}
