/* What comes out of an association: messages, and the notifications that stand between them. */

#include "internal.h"

#include <errno.h>
#include <string.h>
#include <usrsctp.h>

static rtc_sctp_event event_of(rtc_sctp_kind kind) {
    return (rtc_sctp_event){.kind = kind, .is_complete = true};
}

static rtc_sctp_event association_event(const uint8_t *bytes, size_t length) {
    struct sctp_assoc_change change;
    if (length < sizeof change) return event_of(RTC_SCTP_NOTHING);
    memcpy(&change, bytes, sizeof change);
    switch (change.sac_state) {
    case SCTP_COMM_UP: return event_of(RTC_SCTP_OPENED);
    /* A client that lost its state begins again with a new offer; its streams would not be those that we know. */
    case SCTP_RESTART:
    case SCTP_COMM_LOST:
    case SCTP_SHUTDOWN_COMP:
    case SCTP_CANT_STR_ASSOC: return event_of(RTC_SCTP_ENDED);
    default: return event_of(RTC_SCTP_NOTHING);
    }
}

/* Moves the numbers of the streams to the beginning of the buffer. */
static rtc_sctp_event reset_event(uint8_t *bytes, size_t length) {
    struct sctp_stream_reset_event reset;
    if (length < sizeof reset) return event_of(RTC_SCTP_NOTHING);
    memcpy(&reset, bytes, sizeof reset);
    /* The end of our own reset, or a refused one. */
    if (!(reset.strreset_flags & SCTP_STREAM_RESET_INCOMING_SSN)
        || reset.strreset_flags & (SCTP_STREAM_RESET_DENIED | SCTP_STREAM_RESET_FAILED)) {
        return event_of(RTC_SCTP_NOTHING);
    }
    rtc_sctp_event event = event_of(RTC_SCTP_STREAMS_RESET);
    event.length = (length - sizeof reset) / sizeof(uint16_t) * sizeof(uint16_t);
    memmove(bytes, bytes + sizeof reset, event.length);
    return event;
}

static rtc_sctp_event notification(uint8_t *bytes, size_t length) {
    uint16_t type;
    if (length < sizeof type) return event_of(RTC_SCTP_NOTHING);
    memcpy(&type, bytes, sizeof type);
    switch (type) {
    case SCTP_ASSOC_CHANGE: return association_event(bytes, length);
    case SCTP_STREAM_RESET_EVENT: return reset_event(bytes, length);
    /* Its one indication is that of an aborted message. */
    case SCTP_PARTIAL_DELIVERY_EVENT: return event_of(RTC_SCTP_ABANDONED);
    default: return event_of(RTC_SCTP_NOTHING);
    }
}

/* Reads one piece of a message, or one notification, into `event`. Returns false when usrsctp has no more. The event's
 * kind is RTC_SCTP_NOTHING for a notification that the host does not need. */
static bool take(rtc_sctp *sctp, uint8_t *buffer, size_t capacity, rtc_sctp_event *event) {
    struct sctp_rcvinfo info = {0};
    struct sockaddr_conn from;
    socklen_t info_length = sizeof info, from_length = sizeof from;
    unsigned int info_type = SCTP_RECVV_NOINFO;
    int flags = 0;
    ssize_t length = usrsctp_recvv(sctp->socket, buffer, capacity, (struct sockaddr *)&from, &from_length, &info,
                                   &info_length, &info_type, &flags);
    if (length < 0 && (errno == EWOULDBLOCK || errno == EAGAIN || errno == ENOTCONN)) return false;
    if (length <= 0) {
        *event = event_of(RTC_SCTP_ENDED);
    } else if (flags & MSG_NOTIFICATION) {
        *event = notification(buffer, (size_t)length);
    } else {
        *event = (rtc_sctp_event){
            .kind = RTC_SCTP_MESSAGE,
            .is_complete = flags & MSG_EOR,
            .stream = info.rcv_sid,
            .protocol = ntohl(info.rcv_ppid),
            .length = (size_t)length,
        };
    }
    return true;
}

rtc_sctp_event rtc_sctp_next(rtc_sctp *sctp, uint8_t *buffer, size_t capacity) {
    rtc_sctp_event event = event_of(RTC_SCTP_NOTHING);
    if (capacity < 4096) return event;
    while (take(sctp, buffer, capacity, &event)) {
        if (event.kind != RTC_SCTP_NOTHING) return event;
    }
    return event_of(RTC_SCTP_NOTHING);
}
