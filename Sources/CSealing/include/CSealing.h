// The calls of libcrypto that Swift cannot make: macros, stacks and CMS with its key-agreement parameters.
//
// Every function that can fail returns NULL or 0, and then quartermaster_error says why. Buffers that are returned are freed with
// quartermaster_free, which clears them first. Keys and certificates are never changed after they were made, so they may be used by
// several threads at once.
#ifndef QUARTERMASTER_CSEALING_H
#define QUARTERMASTER_CSEALING_H

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
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

// CMS. The shape of what is read was checked before.

X509 *quartermaster_certificate(const uint8_t *der, size_t length);
/// SignedData with signed attributes, the signer named by its subject key identifier, its certificate and `chain` embedded.
int quartermaster_cms_sign(const uint8_t *payload, size_t payload_length, X509 *certificate, EVP_PKEY *key, X509 *const *chain,
                           size_t chain_length, uint8_t **der, size_t *length);
/// Checks the one signature of an attached SignedData; certificates are not judged.
int quartermaster_cms_verify(const uint8_t *der, size_t length);
/// AuthEnvelopedData: AES-256-GCM, one key-agreement recipient named by its subject key identifier, KDF with SHA-256, AES-256 key wrap.
int quartermaster_cms_encrypt(const uint8_t *payload, size_t payload_length, X509 *recipient, uint8_t **der, size_t *length);
int quartermaster_cms_decrypt(const uint8_t *der, size_t length, EVP_PKEY *key, uint8_t **payload, size_t *payload_length);

#endif
