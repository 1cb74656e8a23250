#include "Library.h"

#include <string.h>

/// The contents of a memory BIO in a buffer of its own; the BIO is freed either way.
static int take(BIO *bio, uint8_t **bytes, size_t *length) {
    char *data = NULL;
    long size = crypto()->BIO_ctrl(bio, BIO_CTRL_INFO, 0, &data);
    uint8_t *copy = size < 0 ? NULL : crypto()->CRYPTO_malloc((size_t)size + 1, OPENSSL_FILE, OPENSSL_LINE);
    if (copy == NULL) {
        crypto()->BIO_free(bio);
        return 0;
    }
    memcpy(copy, data, (size_t)size);
    crypto()->OPENSSL_cleanse(data, (size_t)size);
    crypto()->BIO_free(bio);
    *bytes = copy;
    *length = (size_t)size;
    return 1;
}

static int is_p256(EVP_PKEY *key) {
    char group[32];
    size_t length = 0;
    if (crypto()->EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return 0;
    if (crypto()->EVP_PKEY_get_group_name(key, group, sizeof group, &length) != 1) return 0;
    return strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0;
}

EVP_PKEY *quartermaster_key_generate(void) { return crypto()->EVP_PKEY_Q_keygen(NULL, NULL, "EC", "prime256v1"); }

/// No terminal is asked for a password.
static int no_password(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

EVP_PKEY *quartermaster_key_from_pem(const uint8_t *pem, size_t length) {
    if (length > 65536) return NULL;
    BIO *bio = crypto()->BIO_new_mem_buf(pem, (int)length);
    if (bio == NULL) return NULL;
    EVP_PKEY *key = crypto()->PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    crypto()->BIO_free(bio);
    if (key != NULL && !is_p256(key)) {
        crypto()->EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}

int quartermaster_key_to_pem(EVP_PKEY *key, uint8_t **pem, size_t *length) {
    BIO *bio = crypto()->BIO_new(crypto()->BIO_s_mem());
    if (bio == NULL) return 0;
    if (crypto()->PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1) {
        crypto()->BIO_free(bio);
        return 0;
    }
    return take(bio, pem, length);
}

EVP_PKEY *quartermaster_public_key(const uint8_t *point, size_t length) {
    char group[] = "prime256v1";
    OSSL_PARAM parameters[] = {
        crypto()->OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        crypto()->OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point, length),
        crypto()->OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = crypto()->EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (context == NULL) return NULL;
    if (crypto()->EVP_PKEY_fromdata_init(context) != 1 || crypto()->EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) key = NULL;
    crypto()->EVP_PKEY_CTX_free(context);
    return key;
}

int quartermaster_key_point(EVP_PKEY *key, uint8_t point[65]) {
    size_t length = 0;
    uint8_t *encoded = NULL;
    length = crypto()->EVP_PKEY_get1_encoded_public_key(key, &encoded);
    int good = length == 65 && encoded[0] == 4;
    if (good) memcpy(point, encoded, 65);
    crypto()->CRYPTO_free(encoded, OPENSSL_FILE, OPENSSL_LINE);
    return good;
}

int quartermaster_sign(EVP_PKEY *key, const uint8_t *bytes, size_t length, uint8_t *signature, size_t *signature_length) {
    EVP_MD_CTX *context = crypto()->EVP_MD_CTX_new();
    if (context == NULL) return 0;
    *signature_length = 80;
    int good = crypto()->EVP_DigestSignInit(context, NULL, crypto()->EVP_sha256(), NULL, key) == 1
               && crypto()->EVP_DigestSign(context, signature, signature_length, bytes, length) == 1;
    crypto()->EVP_MD_CTX_free(context);
    return good;
}

int quartermaster_verify(EVP_PKEY *key, const uint8_t *bytes, size_t length, const uint8_t *signature, size_t signature_length) {
    EVP_MD_CTX *context = crypto()->EVP_MD_CTX_new();
    if (context == NULL) return 0;
    int good = crypto()->EVP_DigestVerifyInit(context, NULL, crypto()->EVP_sha256(), NULL, key) == 1
               && crypto()->EVP_DigestVerify(context, signature, signature_length, bytes, length) == 1;
    crypto()->EVP_MD_CTX_free(context);
    crypto()->ERR_clear_error();
    return good;
}

void quartermaster_key_free(EVP_PKEY *key) { crypto()->EVP_PKEY_free(key); }
