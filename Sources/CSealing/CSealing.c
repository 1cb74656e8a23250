#include "CSealing.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <string.h>

void quartermaster_error(char *text, size_t size) {
    unsigned long code = ERR_peek_last_error();
    if (code == 0) {
        strncpy(text, "no reason given", size - 1);
        text[size - 1] = 0;
    } else {
        ERR_error_string_n(code, text, size);
    }
    ERR_clear_error();
}

void quartermaster_free(uint8_t *bytes, size_t length) { OPENSSL_clear_free(bytes, length); }

/// The contents of a memory BIO in a buffer of its own; the BIO is freed either way.
static int take(BIO *bio, uint8_t **bytes, size_t *length) {
    char *data = NULL;
    long size = BIO_get_mem_data(bio, &data);
    uint8_t *copy = size < 0 ? NULL : OPENSSL_malloc((size_t)size + 1);
    if (copy == NULL) {
        BIO_free(bio);
        return 0;
    }
    memcpy(copy, data, (size_t)size);
    OPENSSL_cleanse(data, (size_t)size);
    BIO_free(bio);
    *bytes = copy;
    *length = (size_t)size;
    return 1;
}

static int is_p256(EVP_PKEY *key) {
    char group[32];
    size_t length = 0;
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return 0;
    if (EVP_PKEY_get_group_name(key, group, sizeof group, &length) != 1) return 0;
    return strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0;
}

// MARK: Keys

EVP_PKEY *quartermaster_key_generate(void) { return EVP_EC_gen("prime256v1"); }

/// No terminal is asked for a password.
static int no_password(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

EVP_PKEY *quartermaster_key_from_pem(const uint8_t *pem, size_t length) {
    if (length > 65536) return NULL;
    BIO *bio = BIO_new_mem_buf(pem, (int)length);
    if (bio == NULL) return NULL;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    BIO_free(bio);
    if (key != NULL && !is_p256(key)) {
        EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}

int quartermaster_key_to_pem(EVP_PKEY *key, uint8_t **pem, size_t *length) {
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL) return 0;
    if (PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1) {
        BIO_free(bio);
        return 0;
    }
    return take(bio, pem, length);
}

EVP_PKEY *quartermaster_public_key(const uint8_t *point, size_t length) {
    char group[] = "prime256v1";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point, length),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (context == NULL) return NULL;
    if (EVP_PKEY_fromdata_init(context) != 1 || EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) key = NULL;
    EVP_PKEY_CTX_free(context);
    return key;
}

int quartermaster_key_point(EVP_PKEY *key, uint8_t point[65]) {
    size_t length = 0;
    uint8_t *encoded = NULL;
    length = EVP_PKEY_get1_encoded_public_key(key, &encoded);
    int good = length == 65 && encoded[0] == 4;
    if (good) memcpy(point, encoded, 65);
    OPENSSL_free(encoded);
    return good;
}

int quartermaster_sign(EVP_PKEY *key, const uint8_t *bytes, size_t length, uint8_t *signature, size_t *signature_length) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL) return 0;
    *signature_length = 80;
    int good = EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1
               && EVP_DigestSign(context, signature, signature_length, bytes, length) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

int quartermaster_verify(EVP_PKEY *key, const uint8_t *bytes, size_t length, const uint8_t *signature, size_t signature_length) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL) return 0;
    int good = EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1
               && EVP_DigestVerify(context, signature, signature_length, bytes, length) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return good;
}

int quartermaster_hmac_sha256(const uint8_t *key, size_t key_length, const uint8_t *bytes, size_t length, uint8_t *digest) {
    if (key_length > INT32_MAX) return 0;
    return HMAC(EVP_sha256(), key, (int)key_length, bytes, length, digest, NULL) != NULL;
}

// MARK: Envelopes

/// DER of ECC-CMS-SharedInfo (RFC 5753, 7.2): the key that is agreed on is for id-aes256-wrap, and has 256 bits.
static const uint8_t shared_information[] = {0x30, 0x15, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
                                             0x04, 0x01, 0x2D, 0xA2, 0x06, 0x04, 0x04, 0x00, 0x00, 0x01, 0x00};

/// The key that wraps, from one's own private key and the other's public key.
static int agree(EVP_PKEY *key, EVP_PKEY *peer, uint8_t wrapping[32]) {
    size_t length = 32;
    unsigned char *information = OPENSSL_memdup(shared_information, sizeof shared_information);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    // The peer's point was found to be on the curve when its key was made; P-256 has no small subgroups, so it is not multiplied by the
    // order to find that out again.
    int good = information != NULL && context != NULL && EVP_PKEY_derive_init(context) == 1
               && EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1
               && EVP_PKEY_CTX_set_ecdh_kdf_type(context, EVP_PKEY_ECDH_KDF_X9_63) == 1
               && EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) == 1 && EVP_PKEY_CTX_set_ecdh_kdf_outlen(context, 32) == 1;
    if (good && EVP_PKEY_CTX_set0_ecdh_kdf_ukm(context, information, sizeof shared_information) == 1) {
        information = NULL;
        good = EVP_PKEY_derive(context, wrapping, &length) == 1 && length == 32;
    } else {
        good = 0;
    }
    OPENSSL_free(information);
    EVP_PKEY_CTX_free(context);
    return good;
}

/// AES-256 key wrap of 32 bytes into 40, or back.
static int wrap(const uint8_t wrapping[32], const uint8_t *in, int in_length, uint8_t *out, int encrypting) {
    int length = 0, rest = 0, expected = encrypting ? 40 : 32;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context == NULL) return 0;
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    int good = EVP_CipherInit_ex(context, EVP_aes_256_wrap(), NULL, wrapping, NULL, encrypting) == 1
               && EVP_CipherUpdate(context, out, &length, in, in_length) == 1
               && EVP_CipherFinal_ex(context, out + length, &rest) == 1 && length + rest == expected;
    EVP_CIPHER_CTX_free(context);
    return good;
}

/// AES-256-GCM of all of `in`, without additional data.
static int encipher(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *in, size_t in_length, uint8_t *out, uint8_t *tag,
                    int encrypting) {
    int length = 0, rest = 0;
    if (in_length > INT32_MAX) return 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context == NULL) return 0;
    int good = EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce, encrypting) == 1
               && EVP_CipherUpdate(context, out, &length, in, (int)in_length) == 1 && (size_t)length == in_length
               && (encrypting || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1)
               && EVP_CipherFinal_ex(context, out + length, &rest) == 1
               && (!encrypting || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
    EVP_CIPHER_CTX_free(context);
    return good;
}

int quartermaster_envelope_seal(EVP_PKEY *recipient, const uint8_t *payload, size_t length, uint8_t point[65], uint8_t wrapped[40],
                                uint8_t nonce[12], uint8_t *ciphertext, uint8_t tag[16]) {
    uint8_t wrapping[32], content[32];
    EVP_PKEY *ephemeral = quartermaster_key_generate();
    int good = ephemeral != NULL && quartermaster_key_point(ephemeral, point) && agree(ephemeral, recipient, wrapping)
               && RAND_priv_bytes(content, sizeof content) == 1 && RAND_bytes(nonce, 12) == 1
               && wrap(wrapping, content, sizeof content, wrapped, 1) && encipher(content, nonce, payload, length, ciphertext, tag, 1);
    EVP_PKEY_free(ephemeral);
    OPENSSL_cleanse(wrapping, sizeof wrapping);
    OPENSSL_cleanse(content, sizeof content);
    return good;
}

int quartermaster_envelope_open(EVP_PKEY *key, const uint8_t *point, const uint8_t *wrapped, const uint8_t *nonce,
                                const uint8_t *ciphertext, size_t length, const uint8_t *tag, uint8_t *payload) {
    uint8_t wrapping[32], content[40], expected[16];
    memcpy(expected, tag, sizeof expected);
    EVP_PKEY *ephemeral = quartermaster_public_key(point, 65);
    int good = ephemeral != NULL && agree(key, ephemeral, wrapping) && wrap(wrapping, wrapped, 40, content, 0)
               && encipher(content, nonce, ciphertext, length, payload, expected, 0);
    // What was deciphered before the tag was found wrong is nobody's to see.
    if (!good) OPENSSL_cleanse(payload, length);
    EVP_PKEY_free(ephemeral);
    OPENSSL_cleanse(wrapping, sizeof wrapping);
    OPENSSL_cleanse(content, sizeof content);
    ERR_clear_error();
    return good;
}
