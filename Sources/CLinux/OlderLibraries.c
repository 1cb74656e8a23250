// What the Swift runtime and libgcc, which are linked in, take from glibc 2.35, so that the agent's packages run with glibc 2.34 too (RHEL 9 and what is built
// like it). Hidden: other libraries of the process keep glibc's own. agent-packaging/tools/build fails where a later version is asked for.

#include <dlfcn.h>
#include <link.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 35)

// Of two floats, whose squares and their sum a double holds without overflow: C11 7.12.7.3, but for errno.
__attribute__((visibility("hidden"))) float hypotf(float x, float y) {
    if (isinf(x) || isinf(y)) return INFINITY;
    return (float)__builtin_sqrt((double)x * x + (double)y * y);
}

struct search {
    uintptr_t address;
    struct dl_find_object *result;
};

// Whether this object has the address in one of its segments; then where its unwinding information is.
static int holds(struct dl_phdr_info *object, size_t size, void *context) {
    (void)size;
    struct search *search = context;
    uintptr_t start = UINTPTR_MAX, end = 0;
    void *frames = NULL;
    int found = 0;
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *header = &object->dlpi_phdr[index];
        uintptr_t first = object->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_GNU_EH_FRAME) frames = (void *)first;
        if (header->p_type != PT_LOAD) continue;
        if (first < start) start = first;
        if (first + header->p_memsz > end) end = first + header->p_memsz;
        if (search->address >= first && search->address - first < header->p_memsz) found = 1;
    }
    if (!found || frames == NULL) return 0;
    search->result->dlfo_flags = 0;
    search->result->dlfo_map_start = (void *)start;
    search->result->dlfo_map_end = (void *)end;
    // libgcc does not look at it.
    search->result->dlfo_link_map = NULL;
    search->result->dlfo_eh_frame = frames;
    return 1;
}

// As _dl_find_object(3) says: 0 where the address is in a loaded object with unwinding information, else -1. Slower than glibc's, which matters to nobody:
// Swift does not unwind.
__attribute__((visibility("hidden"))) int _dl_find_object(void *address, struct dl_find_object *result) {
    struct search search = {(uintptr_t)address, result};
    return dl_iterate_phdr(holds, &search) == 1 ? 0 : -1;
}

#endif
