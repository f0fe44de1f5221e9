#ifndef PERIGEE_WEBRTC_INTERNAL_H
#define PERIGEE_WEBRTC_INTERNAL_H

/* What the files of this library share. */

#include "CWebRTC.h"

#include <openssl/ssl.h>

#pragma GCC visibility push(hidden)

/* Set once by rtc_start. */
extern rtc_callbacks rtc_host;

/* Keeps OpenSSL from freeing its memory when the process exits, because threads go on to use it until the very end.
 * Must come before any other use of OpenSSL. */
void rtc_prepare_openssl(void);

/* ---- certificate.c */

/* A P-256 key; NULL when OpenSSL can't. */
EVP_PKEY *rtc_make_key(void);
/* A certificate of the key that is valid from yesterday for a year; NULL when OpenSSL can't. */
X509 *rtc_make_certificate(EVP_PKEY *key);
/* The SHA-256 of a certificate's DER form. */
bool rtc_certificate_digest(const X509 *certificate, uint8_t digest[RTC_FINGERPRINT_BYTES]);

/* ---- datagram_bio.c: the BIO between an SSL and its datagrams */

typedef struct {
    uint32_t peer;
    const uint8_t *arrived; /* the datagram that rtc_dtls_receive was called with; NULL once OpenSSL has copied it */
    size_t arrived_length;
} rtc_datagrams;

/* Makes the one BIO of a connection. The connection owns `datagrams`, which must live longer. */
BIO *rtc_datagram_bio_new(rtc_datagrams *datagrams);

/* ---- sctp.c and sctp_events.c */

struct rtc_sctp {
    struct socket *socket;
    uint32_t peer;
};

void rtc_start_sctp(void);

#pragma GCC visibility pop

#endif
