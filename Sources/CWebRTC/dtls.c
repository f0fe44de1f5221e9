/* DTLS 1.2 over datagrams. The server is OpenSSL's ordinary one, which keeps state: today's ClientHello has a
 * post-quantum key share and comes in two datagrams, which the stateless DTLSv1_listen can't read. The cookie exchange
 * that protects others from amplification is not needed, because ICE has checked the address. */

#include "internal.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FINGERPRINTS = 8 };

/* The datagrams that a handshake may take. Clients send 2 to 4, and again those that are lost; OpenSSL keeps up to 100
 * early records and 10 messages of a handshake. */
enum { MOST_HANDSHAKE_DATAGRAMS = 64 };

/* The longest certificate of a client, in bytes. Browsers' have some 300. */
enum { LONGEST_CERTIFICATE = 16 * 1024 };

/* The longest payload of a record (RFC 6347): more does not come out of one SSL_read. */
enum { LONGEST_PAYLOAD = 16384 };

struct rtc_identity {
    SSL_CTX *context;
    uint8_t fingerprint[RTC_FINGERPRINT_BYTES];
};

struct rtc_dtls {
    SSL *ssl;
    rtc_datagrams datagrams;
    enum { SHAKING_HANDS, OPEN, CLOSED, FAILED } phase;
    unsigned int handshake_datagrams;
    size_t fingerprint_count;
    uint8_t fingerprints[MOST_FINGERPRINTS][RTC_FINGERPRINT_BYTES];
};

/* Accepts any certificate: what counts is its fingerprint, which is compared when the handshake is complete. */
static int accept_certificate(int is_valid, X509_STORE_CTX *store) {
    (void)is_valid, (void)store;
    return 1;
}

static bool configure(SSL_CTX *context, X509 *certificate, EVP_PKEY *key) {
    SSL_CTX_set_options(context,
                        SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION
                            | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_certificate);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_max_cert_list(context, LONGEST_CERTIFICATE);
    /* No record is longer than a datagram, so the buffer for sending may be small. */
    SSL_CTX_set_max_send_fragment(context, 2048);
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1
        && SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1
        && SSL_CTX_set_cipher_list(context,
                                   "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
                                   "ECDHE-ECDSA-CHACHA20-POLY1305")
        /* There is no media, but aiortc refuses a handshake without an SRTP profile. 0 means success here. */
        && SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") == 0;
}

rtc_identity *rtc_identity_new(void) {
    rtc_prepare_openssl();
    rtc_identity *identity = calloc(1, sizeof *identity);
    EVP_PKEY *key = rtc_make_key();
    X509 *certificate = key ? rtc_make_certificate(key) : NULL;
    bool is_made = false;
    if (identity && certificate) {
        identity->context = SSL_CTX_new(DTLS_method());
        is_made = identity->context && configure(identity->context, certificate, key)
            && rtc_certificate_digest(certificate, identity->fingerprint);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    ERR_clear_error();
    if (is_made) return identity;
    rtc_identity_free(identity);
    return NULL;
}

void rtc_identity_free(rtc_identity *identity) {
    if (!identity) return;
    SSL_CTX_free(identity->context);
    free(identity);
}

const uint8_t *rtc_identity_fingerprint(const rtc_identity *identity) {
    return identity->fingerprint;
}

/* The time until a flight is sent again, in microseconds: 0.4 s (RFC 9147, section 5.8.2), then twice the last one.
 * OpenSSL's own first time is 1 s. */
static unsigned int next_timeout(SSL *ssl, unsigned int last) {
    (void)ssl;
    if (last == 0) return 400000;
    return last < 1600000 ? 2 * last : 3200000;
}

rtc_dtls *rtc_dtls_new(const rtc_identity *identity, uint32_t peer, bool is_client, const uint8_t *fingerprints,
                       size_t fingerprint_count) {
    if (fingerprint_count > MOST_FINGERPRINTS) return NULL;
    rtc_dtls *dtls = calloc(1, sizeof *dtls);
    if (!dtls) return NULL;
    dtls->datagrams.peer = peer;
    dtls->fingerprint_count = fingerprint_count;
    if (fingerprint_count > 0) {
        memcpy(dtls->fingerprints, fingerprints, fingerprint_count * RTC_FINGERPRINT_BYTES);
    }
    dtls->ssl = SSL_new(identity->context);
    BIO *bio = dtls->ssl ? rtc_datagram_bio_new(&dtls->datagrams) : NULL;
    if (!bio) {
        rtc_dtls_free(dtls);
        return NULL;
    }
    SSL_set_bio(dtls->ssl, bio, bio); /* now the SSL owns it */
    SSL_set_mtu(dtls->ssl, RTC_DATAGRAM_BYTES);
    DTLS_set_timer_cb(dtls->ssl, next_timeout);
    if (is_client) SSL_set_connect_state(dtls->ssl);
    else SSL_set_accept_state(dtls->ssl);
    return dtls;
}

void rtc_dtls_free(rtc_dtls *dtls) {
    if (!dtls) return;
    SSL_free(dtls->ssl);
    free(dtls);
}

static bool is_expected_identity(const rtc_dtls *dtls) {
    uint8_t digest[RTC_FINGERPRINT_BYTES];
    const X509 *certificate = SSL_get0_peer_certificate(dtls->ssl);
    if (!certificate || !rtc_certificate_digest(certificate, digest)) return false;
    for (size_t i = 0; i < dtls->fingerprint_count; i++) {
        if (CRYPTO_memcmp(dtls->fingerprints[i], digest, sizeof digest) == 0) return true;
    }
    return false;
}

static rtc_dtls_state fail(rtc_dtls *dtls, rtc_dtls_state state) {
    dtls->phase = FAILED;
    return state;
}

/* What the result of an OpenSSL call that wanted to go on means. */
static rtc_dtls_state state_after(rtc_dtls *dtls, int result, rtc_dtls_state waiting) {
    switch (SSL_get_error(dtls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return waiting;
    case SSL_ERROR_ZERO_RETURN: dtls->phase = CLOSED; return RTC_DTLS_CLOSED;
    default: return fail(dtls, RTC_DTLS_FAILED);
    }
}

static rtc_dtls_state shake_hands(rtc_dtls *dtls) {
    int result = SSL_do_handshake(dtls->ssl);
    if (result != 1) return state_after(dtls, result, RTC_DTLS_WAITING);
    if (!is_expected_identity(dtls)) return fail(dtls, RTC_DTLS_WRONG_IDENTITY);
    dtls->phase = OPEN;
    return RTC_DTLS_OPENED;
}

static rtc_dtls_state read_records(rtc_dtls *dtls) {
    uint8_t payload[LONGEST_PAYLOAD];
    int length;
    while ((length = SSL_read(dtls->ssl, payload, sizeof payload)) > 0) {
        rtc_host.received_packet(dtls->datagrams.peer, payload, (size_t)length);
    }
    return state_after(dtls, length, RTC_DTLS_OPEN);
}

void rtc_dtls_begin(rtc_dtls *dtls) {
    ERR_clear_error();
    SSL_do_handshake(dtls->ssl);
    ERR_clear_error();
}

rtc_dtls_state rtc_dtls_receive(rtc_dtls *dtls, const uint8_t *bytes, size_t length) {
    if (dtls->phase == FAILED) return RTC_DTLS_FAILED;
    if (dtls->phase == CLOSED) return RTC_DTLS_CLOSED;
    if (dtls->phase == SHAKING_HANDS && ++dtls->handshake_datagrams > MOST_HANDSHAKE_DATAGRAMS) {
        return fail(dtls, RTC_DTLS_FAILED);
    }
    dtls->datagrams.arrived = length > 0 ? bytes : NULL;
    dtls->datagrams.arrived_length = length;
    /* SSL_get_error looks at the thread's queue of errors, which may have entries of others. */
    ERR_clear_error();
    rtc_dtls_state state = dtls->phase == OPEN ? read_records(dtls) : shake_hands(dtls);
    ERR_clear_error();
    dtls->datagrams.arrived = NULL;
    dtls->datagrams.arrived_length = 0;
    return state;
}

void rtc_dtls_send(rtc_dtls *dtls, const uint8_t *bytes, size_t length) {
    if (dtls->phase != OPEN || length == 0 || length > RTC_DATAGRAM_BYTES) return;
    ERR_clear_error();
    SSL_write(dtls->ssl, bytes, (int)length);
    ERR_clear_error();
}

bool rtc_dtls_retransmit(rtc_dtls *dtls) {
    if (dtls->phase != SHAKING_HANDS) return dtls->phase != FAILED;
    ERR_clear_error();
    bool goes_on = DTLSv1_handle_timeout(dtls->ssl) >= 0;
    ERR_clear_error();
    if (!goes_on) fail(dtls, RTC_DTLS_FAILED);
    return goes_on;
}

void rtc_dtls_close(rtc_dtls *dtls) {
    /* SSL_shutdown must not be called during a handshake or after a fatal error. */
    if (dtls->phase != OPEN) return;
    dtls->phase = CLOSED;
    ERR_clear_error();
    SSL_shutdown(dtls->ssl);
    ERR_clear_error();
}
