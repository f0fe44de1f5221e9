/* The key of this process and its certificate. Nobody signs it: peers know its fingerprint from the SDP (RFC 8122). */

#include "internal.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <string.h>

EVP_PKEY *rtc_make_key(void) {
    return EVP_EC_gen("P-256");
}

static bool set_serial(X509 *certificate) {
    uint64_t serial = 0;
    if (RAND_bytes((unsigned char *)&serial, sizeof serial) != 1) return false;
    /* Positive, and never 0. */
    serial = (serial >> 1) | 1;
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1;
}

static bool set_names(X509 *certificate) {
    X509_NAME *name = X509_get_subject_name(certificate);
    static const unsigned char common_name[] = "perigee";
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1
        && X509_set_issuer_name(certificate, name) == 1;
}

X509 *rtc_make_certificate(EVP_PKEY *key) {
    static const long day = 24 * 60 * 60;
    X509 *certificate = X509_new();
    if (!certificate) return NULL;
    if (X509_set_version(certificate, 2) == 1 && set_serial(certificate)
        && set_names(certificate)
        /* The clock of a client may be behind ours. */
        && X509_gmtime_adj(X509_getm_notBefore(certificate), -day)
        && X509_gmtime_adj(X509_getm_notAfter(certificate), 365 * day) && X509_set_pubkey(certificate, key) == 1
        && X509_sign(certificate, key, EVP_sha256()) > 0) {
        return certificate;
    }
    X509_free(certificate);
    return NULL;
}

bool rtc_certificate_digest(const X509 *certificate, uint8_t digest[RTC_FINGERPRINT_BYTES]) {
    unsigned int length = 0;
    uint8_t bytes[EVP_MAX_MD_SIZE];
    if (X509_digest(certificate, EVP_sha256(), bytes, &length) != 1 || length != RTC_FINGERPRINT_BYTES) return false;
    memcpy(digest, bytes, RTC_FINGERPRINT_BYTES);
    return true;
}
