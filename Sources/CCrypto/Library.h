// libcrypto, loaded when it is first needed (docs/decisions/0007-libraries-when-needed.md). Each function has the type that OpenSSL's headers
// declare, so that the compiler checks the calls as it would those of a linked library.
#ifndef QUARTERMASTER_LIBRARY_H
#define QUARTERMASTER_LIBRARY_H

#include "CCrypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#define QUARTERMASTER_CRYPTO(F) \
    F(BIO_ctrl) F(BIO_free) F(BIO_new) F(BIO_new_mem_buf) F(BIO_s_mem) F(CRYPTO_clear_free) F(CRYPTO_free) F(CRYPTO_malloc) \
    F(CRYPTO_memcmp) F(CRYPTO_memdup) F(ERR_clear_error) F(ERR_error_string_n) F(ERR_peek_last_error) F(EVP_aes_256_gcm) \
    F(EVP_aes_256_wrap) F(EVP_md5) F(EVP_sha1) F(EVP_sha256) F(EVP_sha3_256) F(EVP_CIPHER_CTX_ctrl) F(EVP_CIPHER_CTX_free) F(EVP_CIPHER_CTX_new) F(EVP_CIPHER_CTX_set_flags) \
    F(EVP_CipherFinal_ex) F(EVP_CipherInit_ex) F(EVP_CipherUpdate) F(EVP_DecodeBlock) F(EVP_Digest) \
    F(EVP_DigestFinal_ex) F(EVP_DigestInit_ex) F(EVP_DigestUpdate) F(EVP_DigestSign) \
    F(EVP_DigestSignInit) F(EVP_DigestVerify) F(EVP_DigestVerifyInit) F(EVP_EncodeBlock) F(EVP_MD_CTX_free) F(EVP_MD_CTX_new) \
    F(EVP_PBE_scrypt) F(EVP_PKEY_CTX_free) F(EVP_PKEY_CTX_new) F(EVP_PKEY_CTX_new_from_name) F(EVP_PKEY_CTX_set0_ecdh_kdf_ukm) \
    F(EVP_PKEY_CTX_set_ecdh_kdf_md) F(EVP_PKEY_CTX_set_ecdh_kdf_outlen) F(EVP_PKEY_CTX_set_ecdh_kdf_type) F(EVP_PKEY_Q_keygen) \
    F(EVP_PKEY_derive) F(EVP_PKEY_derive_init) F(EVP_PKEY_derive_set_peer_ex) F(EVP_PKEY_free) F(EVP_PKEY_fromdata) \
    F(EVP_PKEY_fromdata_init) F(EVP_PKEY_get1_encoded_public_key) F(EVP_PKEY_get_base_id) F(EVP_PKEY_get_group_name) F(HMAC) \
    F(OPENSSL_cleanse) F(OSSL_PARAM_construct_end) F(OSSL_PARAM_construct_octet_string) F(OSSL_PARAM_construct_utf8_string) \
    F(PEM_read_bio_PrivateKey) F(PEM_write_bio_PKCS8PrivateKey) F(RAND_bytes) F(RAND_priv_bytes)

struct quartermaster_crypto {
#define F(name) __typeof__(&name) name;
    QUARTERMASTER_CRYPTO(F)
#undef F
};

/// The functions. The first call loads the library; where that fails the process ends with a message, as it would have at its start had the
/// library been linked. May be called by several threads at once.
const struct quartermaster_crypto *crypto(void) __attribute__((visibility("hidden")));

#endif
