#include "Library.h"

#include <string.h>

void quartermaster_error(char *text, size_t size) {
    unsigned long code = crypto()->ERR_peek_last_error();
    if (code == 0) {
        strncpy(text, "no reason given", size - 1);
        text[size - 1] = 0;
    } else {
        crypto()->ERR_error_string_n(code, text, size);
    }
    crypto()->ERR_clear_error();
}

void quartermaster_free(uint8_t *bytes, size_t length) { crypto()->CRYPTO_clear_free(bytes, length, OPENSSL_FILE, OPENSSL_LINE); }

int quartermaster_sha256(const uint8_t *bytes, size_t length, uint8_t digest[32]) {
    unsigned int size = 32;
    return crypto()->EVP_Digest(bytes, length, digest, &size, crypto()->EVP_sha256(), NULL) == 1 && size == 32;
}

int quartermaster_hmac_sha256(const uint8_t *key, size_t key_length, const uint8_t *bytes, size_t length, uint8_t *digest) {
    if (key_length > INT32_MAX) return 0;
    return crypto()->HMAC(crypto()->EVP_sha256(), key, (int)key_length, bytes, length, digest, NULL) != NULL;
}

int quartermaster_chap(int algorithm, uint8_t identifier, const uint8_t *secret, size_t secret_length, const uint8_t *challenge,
                       size_t challenge_length, uint8_t *digest, size_t length) {
    const EVP_MD *kind = algorithm == 5   ? crypto()->EVP_md5()
                         : algorithm == 6 ? crypto()->EVP_sha1()
                         : algorithm == 7 ? crypto()->EVP_sha256()
                         : algorithm == 8 ? crypto()->EVP_sha3_256()
                                          : NULL;
    uint8_t bytes[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_MD_CTX *context = kind == NULL ? NULL : crypto()->EVP_MD_CTX_new();
    int good = context != NULL && crypto()->EVP_DigestInit_ex(context, kind, NULL) == 1
               && crypto()->EVP_DigestUpdate(context, &identifier, 1) == 1 && crypto()->EVP_DigestUpdate(context, secret, secret_length) == 1
               && crypto()->EVP_DigestUpdate(context, challenge, challenge_length) == 1
               && crypto()->EVP_DigestFinal_ex(context, bytes, &size) == 1 && size == length;
    if (good) memcpy(digest, bytes, length);
    crypto()->EVP_MD_CTX_free(context);
    crypto()->ERR_clear_error();
    return good;
}

int quartermaster_random(uint8_t *bytes, size_t length) {
    return length <= INT32_MAX && crypto()->RAND_bytes(bytes, (int)length) == 1;
}

int quartermaster_equal(const uint8_t *left, const uint8_t *right, size_t length) {
    return crypto()->CRYPTO_memcmp(left, right, length) == 0;
}

int quartermaster_scrypt(const uint8_t *password, size_t password_length, const uint8_t *salt, size_t salt_length, uint64_t n, uint64_t r,
                         uint64_t p, uint64_t memory, uint8_t *hash, size_t hash_length) {
    return crypto()->EVP_PBE_scrypt((const char *)password, password_length, salt, salt_length, n, r, p, memory, hash, hash_length);
}

int quartermaster_base64_encode(const uint8_t *bytes, size_t length, uint8_t *text) {
    return length <= INT32_MAX / 2 ? crypto()->EVP_EncodeBlock(text, bytes, (int)length) : -1;
}

int quartermaster_base64_decode(const uint8_t *text, size_t length, uint8_t *bytes) {
    return length <= INT32_MAX ? crypto()->EVP_DecodeBlock(bytes, text, (int)length) : -1;
}
