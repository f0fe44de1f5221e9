/* The callbacks to the host, and the one function that belongs to no connection. */

#include "internal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <string.h>

rtc_callbacks rtc_host;

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void prepare_openssl(void) {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

void rtc_prepare_openssl(void) {
    pthread_once(&once, prepare_openssl);
}

void rtc_start(const rtc_callbacks *callbacks) {
    rtc_prepare_openssl();
    rtc_host = *callbacks;
    rtc_start_sctp();
}

void rtc_hmac_sha1(const uint8_t *key, size_t key_length, const uint8_t *bytes, size_t length, uint8_t digest[20]) {
    rtc_prepare_openssl();
    /* HMAC takes NULL for "the key of the last call". */
    static const uint8_t none[1];
    unsigned int digest_length = 20;
    if (key_length > 1 << 20
        || !HMAC(EVP_sha1(), key_length > 0 ? key : none, (int)key_length, bytes, length, digest, &digest_length)) {
        memset(digest, 0, 20);
    }
}
