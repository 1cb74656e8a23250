// The calls of libcrypto that Swift cannot make, or would make in too many steps. No ASN.1 is parsed here but that of PEM keys of our own
// and of ECDSA signatures.
//
// Every function that can fail returns NULL or 0, and then quartermaster_error says why. Buffers that are returned are freed with
// quartermaster_free, which clears them first. Keys are never changed after they were made, so they may be used by
// several threads at once.
#ifndef QUARTERMASTER_CSEALING_H
#define QUARTERMASTER_CSEALING_H

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

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

/// HMAC with SHA-256; `digest` is 32 bytes.
int quartermaster_hmac_sha256(const uint8_t *key, size_t key_length, const uint8_t *bytes, size_t length, uint8_t *digest);

// Envelopes: ECDH on P-256, X9.63 KDF with SHA-256 (RFC 5753), AES-256 key wrap (RFC 3394), AES-256-GCM.

/// Encrypts for `recipient` with a new ephemeral key and a new content key; `ciphertext` has room for `length` bytes.
int quartermaster_envelope_seal(EVP_PKEY *recipient, const uint8_t *payload, size_t length, uint8_t point[65], uint8_t wrapped[40],
                                uint8_t nonce[12], uint8_t *ciphertext, uint8_t tag[16]);
/// 0 where anything does not fit, and then nothing is in `payload`, which has room for `length` bytes.
int quartermaster_envelope_open(EVP_PKEY *key, const uint8_t *point, const uint8_t *wrapped, const uint8_t *nonce,
                                const uint8_t *ciphertext, size_t length, const uint8_t *tag, uint8_t *payload);

#endif
