// System calls that glibc or Swift's importer does not offer: openat2 has no wrapper, and variadic functions are not imported.
#ifndef QUARTERMASTER_CLINUX_H
#define QUARTERMASTER_CLINUX_H

#include <stdint.h>

/// openat2(2) below `directory`: RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS.
/// Returns a descriptor, or -1 with errno set (ENOSYS on kernels before 5.6).
int quartermaster_open_beneath(int directory, const char *path, int flags, unsigned int mode);

/// open(2) and openat(2) with a mode: variadic in glibc, which Swift does not import.
int quartermaster_openat(int directory, const char *path, int flags, unsigned int mode);

/// syncfs(2) on the file system that `descriptor` is on.
int quartermaster_syncfs(int descriptor);

/// Blocks the signals and returns a signalfd(2) that reads them; -1 with errno set on failure.
int quartermaster_signal_descriptor(const int *signals, int count);

/// The next signal of such a descriptor; 0 where none is waiting.
int quartermaster_read_signal(int descriptor);

/// Gives free heap pages back to the kernel (malloc_trim(3)).
void quartermaster_trim_heap(void);

#endif
