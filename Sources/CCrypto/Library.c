#include "Library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static struct quartermaster_crypto functions;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fail(void) {
    const char *reason = dlerror();
    fprintf(stderr, "libcrypto.so.3 (OpenSSL 3) cannot be used: %s; install libssl3\n", reason != NULL ? reason : "no reason given");
    _exit(1);
}

static void load(void) {
    void *library = dlopen("libcrypto.so.3", RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL) fail();
#define F(name) \
    if ((functions.name = (__typeof__(&name))dlsym(library, #name)) == NULL) fail();
    QUARTERMASTER_CRYPTO(F)
#undef F
}

const struct quartermaster_crypto *crypto(void) {
    pthread_once(&once, load);
    return &functions;
}
