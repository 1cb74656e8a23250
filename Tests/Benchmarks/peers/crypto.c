// The cryptographic work of intake alone, in C on libcrypto, on all cores: what no intake can be faster than.
//
//   crypto registrations COUNT USERS PAYLOAD-BYTES   open, verify, check the request, issue a certificate, seal the answer;
//                                                    one scrypt (N = 2^15, r = 8, p = 1) for each user
//   crypto updates COUNT 0 PAYLOAD-BYTES             open, verify, seal the answer
//
// Prints messages per second. Messages are made beforehand; making them is not timed.
#define _GNU_SOURCE
#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DISTINCT = 64 };  // distinct hosts; each message is opened from its bytes anew

static EVP_PKEY *controller_key, *ca_key, *signing_key;
static X509 *controller_certificate, *ca_certificate, *signing_certificate;
static struct host { EVP_PKEY *key; X509 *certificate; X509_REQ *request; unsigned char *message; long length; } hosts[DISTINCT];
static int registrations, count, users;
static atomic_int next_message, next_scrypt;

static void check(int ok, const char *what) {
    if (!ok) { fprintf(stderr, "crypto: %s failed\n", what); exit(1); }
}

static X509 *certify(EVP_PKEY *subject, EVP_PKEY *issuer, const char *name, const char *issuer_name, long serial) {
    X509 *certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400 * 365);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0);
    X509_NAME_add_entry_by_txt(X509_get_issuer_name(certificate), "CN", MBSTRING_UTF8, (const unsigned char *)issuer_name, -1, -1, 0);
    X509_set_pubkey(certificate, subject);
    X509_EXTENSION *usage = X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, "1.3.6.1.4.1.99999.1");
    X509_add_ext(certificate, usage, -1);
    X509_EXTENSION_free(usage);
    check(X509_sign(certificate, issuer, EVP_sha256()) > 0, "signing a certificate");
    return certificate;
}

static BIO *seal(BIO *payload, EVP_PKEY *key, X509 *certificate, X509 *recipient) {
    CMS_ContentInfo *signed_data = CMS_sign(certificate, key, NULL, payload, CMS_BINARY | CMS_NOSMIMECAP);
    check(signed_data != NULL, "CMS_sign");
    BIO *inner = BIO_new(BIO_s_mem());
    check(i2d_CMS_bio(inner, signed_data), "writing SignedData");
    CMS_ContentInfo_free(signed_data);
    CMS_ContentInfo *enveloped = CMS_encrypt(NULL, inner, EVP_aes_256_gcm(), CMS_BINARY | CMS_PARTIAL);
    check(enveloped != NULL, "CMS_encrypt");
    CMS_RecipientInfo *info = CMS_add1_recipient_cert(enveloped, recipient, CMS_KEY_PARAM);
    EVP_PKEY_CTX *parameters = CMS_RecipientInfo_get0_pkey_ctx(info);
    EVP_PKEY_CTX_set_ecdh_kdf_md(parameters, EVP_sha256());
    check(CMS_final(enveloped, inner, NULL, CMS_BINARY), "CMS_final");
    BIO *out = BIO_new(BIO_s_mem());
    check(i2d_CMS_bio(out, enveloped), "writing AuthEnvelopedData");
    CMS_ContentInfo_free(enveloped);
    BIO_free(inner);
    return out;
}

static void handle(const struct host *host, long serial) {
    BIO *in = BIO_new_mem_buf(host->message, (int)host->length);
    CMS_ContentInfo *enveloped = d2i_CMS_bio(in, NULL);
    BIO *inner = BIO_new(BIO_s_mem());
    check(enveloped && CMS_decrypt(enveloped, controller_key, controller_certificate, NULL, inner, CMS_BINARY), "CMS_decrypt");
    CMS_ContentInfo *signed_data = d2i_CMS_bio(inner, NULL);
    BIO *payload = BIO_new(BIO_s_mem());
    check(signed_data && CMS_verify(signed_data, NULL, NULL, NULL, payload, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY), "CMS_verify");
    X509 *certificate = host->certificate;
    if (registrations) {
        check(X509_REQ_verify(host->request, host->key) == 1, "verifying the request");
        certificate = certify(host->key, ca_key, "host", "ca", serial);
    }
    unsigned char answer[512];
    memset(answer, 'a', sizeof answer);
    BIO *text = BIO_new_mem_buf(answer, sizeof answer);
    BIO_free(seal(text, signing_key, signing_certificate, certificate));
    BIO_free(text);
    if (registrations) X509_free(certificate);
    BIO_free(payload);
    BIO_free(inner);
    BIO_free(in);
    CMS_ContentInfo_free(signed_data);
    CMS_ContentInfo_free(enveloped);
}

static void *worker(void *unused) {
    (void)unused;
    while (atomic_fetch_add(&next_scrypt, 1) < users) {
        unsigned char salt[16] = {1}, key[32];
        check(EVP_PBE_scrypt("password", 8, salt, sizeof salt, 1 << 15, 8, 1, 64 << 20, key, sizeof key), "scrypt");
    }
    int index;
    while ((index = atomic_fetch_add(&next_message, 1)) < count) handle(&hosts[index % DISTINCT], index + 10);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc != 5) { fprintf(stderr, "usage: crypto registrations|updates COUNT USERS PAYLOAD-BYTES\n"); return 64; }
    registrations = strcmp(argv[1], "registrations") == 0;
    count = atoi(argv[2]);
    users = atoi(argv[3]);
    long size = atol(argv[4]);

    controller_key = EVP_EC_gen("P-256");
    ca_key = EVP_EC_gen("P-256");
    signing_key = EVP_EC_gen("P-256");
    ca_certificate = certify(ca_key, ca_key, "ca", "ca", 1);
    controller_certificate = certify(controller_key, ca_key, "decryption", "ca", 2);
    signing_certificate = certify(signing_key, ca_key, "signing", "ca", 3);
    unsigned char *payload = malloc(size);
    RAND_bytes(payload, (int)size);
    for (int index = 0; index < DISTINCT; index++) {
        struct host *host = &hosts[index];
        host->key = EVP_EC_gen("P-256");
        host->certificate = registrations ? certify(host->key, host->key, "self", "self", 4) : certify(host->key, ca_key, "host", "ca", 5 + index);
        host->request = X509_REQ_new();
        X509_REQ_set_pubkey(host->request, host->key);
        check(X509_REQ_sign(host->request, host->key, EVP_sha256()) > 0, "signing a request");
        BIO *text = BIO_new_mem_buf(payload, (int)size), *out = seal(text, host->key, host->certificate, controller_certificate);
        unsigned char *bytes;
        host->length = BIO_get_mem_data(out, &bytes);
        host->message = malloc(host->length);
        memcpy(host->message, bytes, host->length);
        BIO_free(out);
        BIO_free(text);
    }

    struct timespec start, end;
    long threads = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_t handles[64];
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long index = 0; index < threads && index < 64; index++) pthread_create(&handles[index], NULL, worker, NULL);
    for (long index = 0; index < threads && index < 64; index++) pthread_join(handles[index], NULL);
    clock_gettime(CLOCK_MONOTONIC, &end);
    double seconds = (end.tv_sec - start.tv_sec) + (end.tv_nsec - start.tv_nsec) / 1e9;
    printf("%.1f\n", count / seconds);
    return 0;
}
