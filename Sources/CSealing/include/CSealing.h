// The calls of libcrypto that Swift cannot make: macros, stacks and CMS with its key-agreement parameters.
#ifndef QUARTERMASTER_CSEALING_H
#define QUARTERMASTER_CSEALING_H
#include <openssl/cms.h>
#endif
