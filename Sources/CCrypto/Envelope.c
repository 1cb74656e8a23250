#include "Library.h"

#include <string.h>

/// DER of ECC-CMS-SharedInfo (RFC 5753, 7.2): the key that is agreed on is for id-aes256-wrap, and has 256 bits.
static const uint8_t shared_information[] = {0x30, 0x15, 0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03,
                                             0x04, 0x01, 0x2D, 0xA2, 0x06, 0x04, 0x04, 0x00, 0x00, 0x01, 0x00};

/// The key that wraps, from one's own private key and the other's public key.
static int agree(EVP_PKEY *key, EVP_PKEY *peer, uint8_t wrapping[32]) {
    size_t length = 32;
    unsigned char *information = crypto()->CRYPTO_memdup(shared_information, sizeof shared_information, OPENSSL_FILE, OPENSSL_LINE);
    EVP_PKEY_CTX *context = crypto()->EVP_PKEY_CTX_new(key, NULL);
    // The peer's point was found to be on the curve when its key was made; P-256 has no small subgroups, so it is not multiplied by the
    // order to find that out again.
    int good = information != NULL && context != NULL && crypto()->EVP_PKEY_derive_init(context) == 1
               && crypto()->EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1
               && crypto()->EVP_PKEY_CTX_set_ecdh_kdf_type(context, EVP_PKEY_ECDH_KDF_X9_63) == 1
               && crypto()->EVP_PKEY_CTX_set_ecdh_kdf_md(context, crypto()->EVP_sha256()) == 1 && crypto()->EVP_PKEY_CTX_set_ecdh_kdf_outlen(context, 32) == 1;
    if (good && crypto()->EVP_PKEY_CTX_set0_ecdh_kdf_ukm(context, information, sizeof shared_information) == 1) {
        information = NULL;
        good = crypto()->EVP_PKEY_derive(context, wrapping, &length) == 1 && length == 32;
    } else {
        good = 0;
    }
    crypto()->CRYPTO_free(information, OPENSSL_FILE, OPENSSL_LINE);
    crypto()->EVP_PKEY_CTX_free(context);
    return good;
}

/// AES-256 key wrap of 32 bytes into 40, or back.
static int wrap(const uint8_t wrapping[32], const uint8_t *in, int in_length, uint8_t *out, int encrypting) {
    int length = 0, rest = 0, expected = encrypting ? 40 : 32;
    EVP_CIPHER_CTX *context = crypto()->EVP_CIPHER_CTX_new();
    if (context == NULL) return 0;
    crypto()->EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    int good = crypto()->EVP_CipherInit_ex(context, crypto()->EVP_aes_256_wrap(), NULL, wrapping, NULL, encrypting) == 1
               && crypto()->EVP_CipherUpdate(context, out, &length, in, in_length) == 1
               && crypto()->EVP_CipherFinal_ex(context, out + length, &rest) == 1 && length + rest == expected;
    crypto()->EVP_CIPHER_CTX_free(context);
    return good;
}

/// AES-256-GCM of all of `in`, without additional data.
static int encipher(const uint8_t key[32], const uint8_t nonce[12], const uint8_t *in, size_t in_length, uint8_t *out, uint8_t *tag,
                    int encrypting) {
    int length = 0, rest = 0;
    if (in_length > INT32_MAX) return 0;
    EVP_CIPHER_CTX *context = crypto()->EVP_CIPHER_CTX_new();
    if (context == NULL) return 0;
    int good = crypto()->EVP_CipherInit_ex(context, crypto()->EVP_aes_256_gcm(), NULL, key, nonce, encrypting) == 1
               && crypto()->EVP_CipherUpdate(context, out, &length, in, (int)in_length) == 1 && (size_t)length == in_length
               && (encrypting || crypto()->EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag) == 1)
               && crypto()->EVP_CipherFinal_ex(context, out + length, &rest) == 1
               && (!encrypting || crypto()->EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag) == 1);
    crypto()->EVP_CIPHER_CTX_free(context);
    return good;
}

int quartermaster_envelope_seal(EVP_PKEY *recipient, const uint8_t *payload, size_t length, uint8_t point[65], uint8_t wrapped[40],
                                uint8_t nonce[12], uint8_t *ciphertext, uint8_t tag[16]) {
    uint8_t wrapping[32], content[32];
    EVP_PKEY *ephemeral = quartermaster_key_generate();
    int good = ephemeral != NULL && quartermaster_key_point(ephemeral, point) && agree(ephemeral, recipient, wrapping)
               && crypto()->RAND_priv_bytes(content, sizeof content) == 1 && crypto()->RAND_bytes(nonce, 12) == 1
               && wrap(wrapping, content, sizeof content, wrapped, 1) && encipher(content, nonce, payload, length, ciphertext, tag, 1);
    crypto()->EVP_PKEY_free(ephemeral);
    crypto()->OPENSSL_cleanse(wrapping, sizeof wrapping);
    crypto()->OPENSSL_cleanse(content, sizeof content);
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
    if (!good) crypto()->OPENSSL_cleanse(payload, length);
    crypto()->EVP_PKEY_free(ephemeral);
    crypto()->OPENSSL_cleanse(wrapping, sizeof wrapping);
    crypto()->OPENSSL_cleanse(content, sizeof content);
    crypto()->ERR_clear_error();
    return good;
}
