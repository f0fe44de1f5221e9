#ifndef PERIGEE_WEBRTC_H
#define PERIGEE_WEBRTC_H

/*
 * What a WebRTC peer needs from OpenSSL and usrsctp, behind plain C values: DTLS over datagrams, SCTP over DTLS
 * (RFC 8261), and HMAC-SHA1. It opens no sockets, starts no timers and reads no files: the host passes in what arrives
 * and sends what the callbacks give it.
 *
 * The rule of this library: a peer is known by a number, never by a pointer. usrsctp's timers may speak of an
 * association that was freed; the host then finds no peer with that number, and drops the bytes.
 *
 * Threads: usrsctp keeps its state for the whole process, so all functions must be called on one thread, but for those
 * of rtc_identity and rtc_hmac_sha1.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where bytes go. `bytes` is valid until the callback returns, and the callback must not free a peer's objects. */
typedef struct {
    void (*send_datagram)(uint32_t peer, const uint8_t *bytes, size_t length);   /* to the peer's address */
    void (*send_packet)(uint32_t peer, const uint8_t *bytes, size_t length);     /* SCTP, to rtc_dtls_send */
    void (*received_packet)(uint32_t peer, const uint8_t *bytes, size_t length); /* SCTP, to rtc_sctp_receive */
} rtc_callbacks;

/* Sets the callbacks and prepares usrsctp; call it once, before any other function. */
void rtc_start(const rtc_callbacks *callbacks);

/* HMAC-SHA1 (RFC 2104) of the bytes. */
void rtc_hmac_sha1(const uint8_t *key, size_t key_length, const uint8_t *bytes, size_t length, uint8_t digest[20]);

/* ---- DTLS ------------------------------------------------------------------------------------------------------- */

enum { RTC_FINGERPRINT_BYTES = 32 };

/* The most bytes of a UDP datagram that is sent. */
enum { RTC_DATAGRAM_BYTES = 1200 };

/* A new key and its self-signed certificate, with the settings of all connections that use it. NULL: OpenSSL can't. */
typedef struct rtc_identity rtc_identity;
rtc_identity *rtc_identity_new(void);
void rtc_identity_free(rtc_identity *identity);

/* The SHA-256 of the certificate: RTC_FINGERPRINT_BYTES bytes, which live as long as the identity. */
const uint8_t *rtc_identity_fingerprint(const rtc_identity *identity);

typedef enum {
    RTC_DTLS_WAITING,        /* the handshake goes on */
    RTC_DTLS_OPENED,         /* this datagram has completed the handshake, and the certificate is the expected one */
    RTC_DTLS_OPEN,           /* the handshake was complete before */
    RTC_DTLS_CLOSED,         /* the peer has sent close_notify */
    RTC_DTLS_FAILED,         /* the handshake failed or took over 64 datagrams, or the peer has sent a fatal alert */
    RTC_DTLS_WRONG_IDENTITY, /* the certificate is not the expected one */
} rtc_dtls_state;

typedef struct rtc_dtls rtc_dtls;

/* Makes one end of a connection.
 *
 *   is_client      which end: a server waits for the client's first datagram.
 *   fingerprints   the SHA-256 of the certificates that are accepted, one after another; at most 8.
 *
 * NULL: there is no memory. */
rtc_dtls *rtc_dtls_new(const rtc_identity *identity, uint32_t peer, bool is_client, const uint8_t *fingerprints,
                       size_t fingerprint_count);
void rtc_dtls_free(rtc_dtls *dtls);

/* Sends a client's first datagram. */
void rtc_dtls_begin(rtc_dtls *dtls);

/* Takes a datagram. While the connection is open, received_packet gets what it holds. After RTC_DTLS_OPENED, call it
 * again with a length of 0: the datagram may hold more. */
rtc_dtls_state rtc_dtls_receive(rtc_dtls *dtls, const uint8_t *bytes, size_t length);

/* Encrypts bytes and sends them as one datagram. Does nothing before the handshake is complete. */
void rtc_dtls_send(rtc_dtls *dtls, const uint8_t *bytes, size_t length);

/* Sends the last flight of an open handshake again when its time has come. False: the handshake has failed. */
bool rtc_dtls_retransmit(rtc_dtls *dtls);

/* Sends close_notify. */
void rtc_dtls_close(rtc_dtls *dtls);

/* ---- SCTP ------------------------------------------------------------------------------------------------------- */

typedef struct rtc_sctp rtc_sctp;

/* Opens an association with the other end of a DTLS connection. Both ends do this (RFC 8841, section 9.3).
 *
 *   own_port         our SCTP port. For a packet with a wrong verification tag usrsctp looks at all associations of its
 *                    port, so those of a process should have different ones.
 *   port             the SCTP port of the peer.
 *   streams          the streams in each direction. usrsctp needs some 350 bytes for each of them.
 *   send_buffer      bytes that may be queued and unacknowledged.
 *   receive_buffer   bytes that may be received and not taken by rtc_sctp_next; the peer then has to wait.
 *
 * NULL: usrsctp can't, because it has no memory or the number is in use. */
rtc_sctp *rtc_sctp_new(uint32_t peer, uint16_t own_port, uint16_t port, uint16_t streams, size_t send_buffer,
                       size_t receive_buffer);

/* Aborts the association, and tells the peer so. */
void rtc_sctp_free(rtc_sctp *sctp);

/* Takes a packet of a peer that has an association. */
void rtc_sctp_receive(uint32_t peer, const uint8_t *bytes, size_t length);

/* Lets time pass for the timers of all associations. */
void rtc_sctp_advance(uint32_t milliseconds);

typedef enum {
    RTC_SCTP_NOTHING,
    RTC_SCTP_OPENED, /* messages can be sent */
    RTC_SCTP_ENDED,  /* there comes nothing more */
    RTC_SCTP_MESSAGE,
    RTC_SCTP_ABANDONED,     /* the peer has given up the message of which a part was taken; its rest does not come */
    RTC_SCTP_STREAMS_RESET, /* the peer has closed its direction of streams: their numbers, 16 bits each */
} rtc_sctp_kind;

typedef struct {
    rtc_sctp_kind kind;
    bool is_complete; /* whether these are the last bytes of the message; its further bytes come next */
    uint16_t stream;
    uint32_t protocol; /* the payload protocol identifier, in the host's byte order */
    size_t length;     /* of what the buffer has, in bytes */
} rtc_sctp_event;

/* Takes what has arrived: a message, or as much of it as there is and the buffer holds, or an event. The buffer must
 * have 4 KiB or more, and be aligned for 16 bits. */
rtc_sctp_event rtc_sctp_next(rtc_sctp *sctp, uint8_t *buffer, size_t capacity);

typedef enum { RTC_RELIABLE, RTC_RETRANSMITS, RTC_LIFETIME } rtc_reliability;

typedef struct {
    uint16_t stream;
    bool is_unordered;
    rtc_reliability reliability;
    uint32_t limit; /* how often it may be sent again, or for how many milliseconds it may be sent */
    uint32_t protocol;
} rtc_sctp_info;

typedef enum {
    RTC_SEND_DONE,
    RTC_SEND_FULL,   /* there is no room now, or the stream is being closed */
    RTC_SEND_FAILED, /* the client does not take messages on the stream, or the association has ended */
} rtc_send_result;

/* Queues a message of 1 byte or more, and sends what congestion control allows. */
rtc_send_result rtc_sctp_send(rtc_sctp *sctp, const rtc_sctp_info *info, const uint8_t *bytes, size_t length);

/* How many chunks were sent and wait for an acknowledgement. */
uint32_t rtc_sctp_in_flight(const rtc_sctp *sctp);

typedef enum { RTC_RESET_BEGUN, RTC_RESET_BUSY, RTC_RESET_FAILED } rtc_reset_result;

/* Closes our direction of a stream after all that was sent on it. RTC_RESET_BUSY: ask again later, because another
 * reset is on its way. */
rtc_reset_result rtc_sctp_reset(rtc_sctp *sctp, uint16_t stream);

/* Sends a heartbeat, which the peer must answer. */
void rtc_sctp_ping(rtc_sctp *sctp);

#endif
