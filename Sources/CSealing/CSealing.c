#include "CSealing.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
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

// MARK: CMS

X509 *quartermaster_certificate(const uint8_t *der, size_t length) {
    const unsigned char *position = der;
    X509 *certificate = d2i_X509(NULL, &position, (long)length);
    if (certificate != NULL && position != der + length) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

/// Both CMS directions in and out are DER in memory.
static CMS_ContentInfo *read_cms(const uint8_t *der, size_t length) {
    const unsigned char *position = der;
    if (length > INT32_MAX) return NULL;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &position, (long)length);
    if (cms != NULL && position != der + length) {
        CMS_ContentInfo_free(cms);
        return NULL;
    }
    return cms;
}

static int write_cms(CMS_ContentInfo *cms, const uint8_t *payload, size_t payload_length, uint8_t **der, size_t *length) {
    if (payload_length > INT32_MAX) return 0;
    BIO *input = BIO_new_mem_buf(payload, (int)payload_length);
    if (input == NULL) return 0;
    int good = CMS_final(cms, input, NULL, CMS_BINARY) == 1;
    BIO_free(input);
    if (!good) return 0;
    unsigned char *encoded = NULL;
    int size = i2d_CMS_ContentInfo(cms, &encoded);
    if (size <= 0) return 0;
    *der = encoded;
    *length = (size_t)size;
    return 1;
}

int quartermaster_cms_sign(const uint8_t *payload, size_t payload_length, X509 *certificate, EVP_PKEY *key, X509 *const *chain,
                           size_t chain_length, uint8_t **der, size_t *length) {
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_BINARY | CMS_PARTIAL);
    if (cms == NULL) return 0;
    int good = CMS_add1_signer(cms, certificate, key, EVP_sha256(), CMS_USE_KEYID | CMS_NOSMIMECAP) != NULL;
    for (size_t index = 0; good && index < chain_length; index++) good = CMS_add1_cert(cms, chain[index]) == 1;
    good = good && write_cms(cms, payload, payload_length, der, length);
    CMS_ContentInfo_free(cms);
    return good;
}

int quartermaster_cms_verify(const uint8_t *der, size_t length) {
    CMS_ContentInfo *cms = read_cms(der, length);
    if (cms == NULL) return 0;
    int good = CMS_verify(cms, NULL, NULL, NULL, NULL, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1;
    CMS_ContentInfo_free(cms);
    return good;
}

int quartermaster_cms_encrypt(const uint8_t *payload, size_t payload_length, X509 *recipient, uint8_t **der, size_t *length) {
    CMS_ContentInfo *cms = CMS_encrypt(NULL, NULL, EVP_aes_256_gcm(), CMS_BINARY | CMS_PARTIAL);
    if (cms == NULL) return 0;
    int good = 0;
    CMS_RecipientInfo *information = CMS_add1_recipient_cert(cms, recipient, CMS_USE_KEYID | CMS_KEY_PARAM);
    if (information != NULL) {
        EVP_PKEY_CTX *agreement = CMS_RecipientInfo_get0_pkey_ctx(information);
        EVP_CIPHER_CTX *wrap = CMS_RecipientInfo_kari_get0_ctx(information);
        // The library's default is SHA-1.
        good = agreement != NULL && EVP_PKEY_CTX_set_ecdh_kdf_md(agreement, EVP_sha256()) == 1 && wrap != NULL
               && EVP_EncryptInit_ex(wrap, EVP_aes_256_wrap(), NULL, NULL, NULL) == 1
               && write_cms(cms, payload, payload_length, der, length);
    }
    CMS_ContentInfo_free(cms);
    return good;
}

int quartermaster_cms_decrypt(const uint8_t *der, size_t length, EVP_PKEY *key, uint8_t **payload, size_t *payload_length) {
    CMS_ContentInfo *cms = read_cms(der, length);
    if (cms == NULL) return 0;
    int good = 0;
    // What is decrypted becomes visible only after the tag was found right: until then it stays in memory, and is dropped on failure.
    BIO *output = BIO_new(BIO_s_mem());
    if (output != NULL && CMS_decrypt_set1_pkey(cms, key, NULL) == 1 && CMS_decrypt(cms, NULL, NULL, NULL, output, CMS_BINARY) == 1) {
        good = take(output, payload, payload_length);
        output = NULL;
    }
    if (output != NULL) BIO_free(output);
    CMS_ContentInfo_free(cms);
    if (!good) ERR_clear_error();
    return good;
}
