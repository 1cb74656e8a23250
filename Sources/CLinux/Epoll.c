#include "CLinux.h"

#include <sys/epoll.h>

int quartermaster_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }

int quartermaster_epoll_watch(int epoll, int descriptor, uint64_t number, uint32_t readiness, int is_new) {
    struct epoll_event event = {.events = EPOLLRDHUP, .data.u64 = number};
    if (readiness & quartermaster_readable) event.events |= EPOLLIN;
    if (readiness & quartermaster_writable) event.events |= EPOLLOUT;
    return epoll_ctl(epoll, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, descriptor, &event);
}

int quartermaster_epoll_wait(int epoll, struct quartermaster_ready *ready, int count, int milliseconds) {
    struct epoll_event events[256];
    int found = epoll_wait(epoll, events, count < 256 ? count : 256, milliseconds);
    for (int i = 0; i < found; i++) {
        ready[i].number = events[i].data.u64;
        ready[i].readiness = (events[i].events & EPOLLIN ? quartermaster_readable : 0) | (events[i].events & EPOLLOUT ? quartermaster_writable : 0) |
                             (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR) ? quartermaster_ended : 0);
    }
    return found;
}
