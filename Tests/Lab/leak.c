// A library that takes 80 MiB of memory at a program's start, where there is /run/leak: LD_PRELOAD makes a daemon of it that has more than it may have.
#include <sys/mman.h>
#include <unistd.h>

__attribute__((constructor)) static void leak(void) {
    if (access("/run/leak", F_OK) != 0) return;
    mmap(NULL, 80 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
}
