// The calls of libcrypto that Swift cannot make, or would make in too many steps. No ASN.1 is parsed here but that of PEM keys of our own
// and of ECDSA signatures.
//
// The library is loaded by the first call of any of these.
//
// Every function that can fail returns NULL or 0, and then quartermaster_error says why. Buffers that are returned are freed with
// quartermaster_free, which clears them first. Keys are never changed after they were made, so they may be used by
// several threads at once.
#ifndef QUARTERMASTER_CCRYPTO_H
#define QUARTERMASTER_CCRYPTO_H

#include <stddef.h>
#include <stdint.h>

/// OpenSSL's private type: a key, or a pair of keys.
typedef struct evp_pkey_st EVP_PKEY;

/// The newest error of this thread's queue as text, which is then empty.
void quartermaster_error(char *text, size_t size);
void quartermaster_free(uint8_t *bytes, size_t length);

// Keys on P-256.

EVP_PKEY *quartermaster_key_generate(void);
/// One unencrypted private key in PEM; NULL for any other curve or kind of key.
EVP_PKEY *quartermaster_key_from_pem(const uint8_t *pem, size_t length);
/// PKCS #8, PEM.
int quartermaster_key_to_pem(EVP_PKEY *key, uint8_t **pem, size_t *length);
/// A public key from an uncompressed point of 65 bytes, which must lie on the curve.
EVP_PKEY *quartermaster_public_key(const uint8_t *point, size_t length);
/// The uncompressed point, 65 bytes.
int quartermaster_key_point(EVP_PKEY *key, uint8_t point[65]);
/// ECDSA with SHA-256, DER; `signature` has room for 80 bytes.
int quartermaster_sign(EVP_PKEY *key, const uint8_t *bytes, size_t length, uint8_t *signature, size_t *signature_length);
/// 1 for a good signature, 0 for a bad one.
int quartermaster_verify(EVP_PKEY *key, const uint8_t *bytes, size_t length, const uint8_t *signature, size_t signature_length);

void quartermaster_key_free(EVP_PKEY *key);

// Digests, randomness, text.

/// SHA-256.
int quartermaster_sha256(const uint8_t *bytes, size_t length, uint8_t digest[32]);
/// HMAC with SHA-256; `digest` is 32 bytes.
int quartermaster_hmac_sha256(const uint8_t *key, size_t key_length, const uint8_t *bytes, size_t length, uint8_t *digest);
/// The response of CHAP (RFC 1994): the digest of identifier, secret and challenge by algorithm 5 (MD5), 6 (SHA-1), 7 (SHA-256) or 8
/// (SHA3-256), which has `length` bytes. 0 where libcrypto does not compute it, as MD5 in FIPS mode.
int quartermaster_chap(int algorithm, uint8_t identifier, const uint8_t *secret, size_t secret_length, const uint8_t *challenge,
                       size_t challenge_length, uint8_t *digest, size_t length);

/// Bytes that nobody can foretell.
int quartermaster_random(uint8_t *bytes, size_t length);
/// 1 where both are equal; takes as long whatever they are.
int quartermaster_equal(const uint8_t *left, const uint8_t *right, size_t length);
/// scrypt (RFC 7914); fails where it would take more than `memory` bytes.
int quartermaster_scrypt(const uint8_t *password, size_t password_length, const uint8_t *salt, size_t salt_length, uint64_t n, uint64_t r,
                         uint64_t p, uint64_t memory, uint8_t *hash, size_t hash_length);
/// Base64 with padding and a NUL; `text` has room for 4/3 of `length`, rounded up to fours, and one. Returns the count of characters, or -1.
int quartermaster_base64_encode(const uint8_t *bytes, size_t length, uint8_t *text);
/// Back; `bytes` has room for 3/4 of `length`. Returns the count of bytes, the padding counted as bytes too, or -1.
int quartermaster_base64_decode(const uint8_t *text, size_t length, uint8_t *bytes);

// Envelopes: ECDH on P-256, X9.63 KDF with SHA-256 (RFC 5753), AES-256 key wrap (RFC 3394), AES-256-GCM.

/// Encrypts for `recipient` with a new ephemeral key and a new content key; `ciphertext` has room for `length` bytes.
int quartermaster_envelope_seal(EVP_PKEY *recipient, const uint8_t *payload, size_t length, uint8_t point[65], uint8_t wrapped[40],
                                uint8_t nonce[12], uint8_t *ciphertext, uint8_t tag[16]);
/// 0 where anything does not fit, and then nothing is in `payload`, which has room for `length` bytes.
int quartermaster_envelope_open(EVP_PKEY *key, const uint8_t *point, const uint8_t *wrapped, const uint8_t *nonce,
                                const uint8_t *ciphertext, size_t length, const uint8_t *tag, uint8_t *payload);

#endif
