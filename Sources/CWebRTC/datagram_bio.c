/* A BIO that keeps the borders of datagrams: one write is one datagram, one read takes one. OpenSSL's memory BIO would
 * join datagrams. */

#include "internal.h"

#include <openssl/bio.h>
#include <pthread.h>
#include <string.h>

static int write_datagram(BIO *bio, const char *bytes, int length) {
    const rtc_datagrams *datagrams = BIO_get_data(bio);
    if (length <= 0) return 0;
    rtc_host.send_datagram(datagrams->peer, (const uint8_t *)bytes, (size_t)length);
    /* A datagram that can't be sent is lost, as any may be. */
    return length;
}

static int read_datagram(BIO *bio, char *bytes, int capacity) {
    rtc_datagrams *datagrams = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (!datagrams->arrived || capacity <= 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    /* OpenSSL reads into a buffer for the longest record; the rest of a longer datagram is dropped, as recv does. */
    size_t length = datagrams->arrived_length < (size_t)capacity ? datagrams->arrived_length : (size_t)capacity;
    memcpy(bytes, datagrams->arrived, length);
    datagrams->arrived = NULL;
    datagrams->arrived_length = 0;
    return (int)length;
}

static long control(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH: return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU: return RTC_DATAGRAM_BYTES;
    /* Everything else has the answer 0: no bytes are pending, no header is added to datagrams, there is no timer. */
    default: return 0;
    }
}

static BIO_METHOD *method;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_method(void) {
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
    if (!method) return;
    BIO_meth_set_write(method, write_datagram);
    BIO_meth_set_read(method, read_datagram);
    BIO_meth_set_ctrl(method, control);
}

BIO *rtc_datagram_bio_new(rtc_datagrams *datagrams) {
    pthread_once(&once, make_method);
    BIO *bio = method ? BIO_new(method) : NULL;
    if (!bio) return NULL;
    BIO_set_data(bio, datagrams);
    BIO_set_init(bio, 1);
    return bio;
}
