/* SCTP over DTLS by usrsctp, with addresses of the family AF_CONN: such an "address" is the number of a peer.
 *
 * No socket may ever be bound to address 0, which means all addresses: usrsctp_deregister_address starts an iterator
 * over such sockets on a thread of usrsctp, beside ours. Without them it finds nothing to do. */

#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <usrsctp.h>

/* What a record of DTLS adds with the largest of our ciphers: header 13, nonce 8, tag 16. */
enum { RECORD_OVERHEAD = 37 };

/* The length of a packet, without its common header of 12 bytes. */
enum { PACKET_PAYLOAD = RTC_DATAGRAM_BYTES - RECORD_OVERHEAD - 12 };

static void *address_of(uint32_t peer) {
    return (void *)(uintptr_t)peer;
}

static int send_packet(void *address, void *bytes, size_t length, uint8_t tos, uint8_t set_df) {
    (void)tos, (void)set_df;
    rtc_host.send_packet((uint32_t)(uintptr_t)address, bytes, length);
    return 0;
}

void rtc_start_sctp(void) {
    usrsctp_init_nothreads(0, send_packet, NULL);
    usrsctp_sysctl_set_sctp_pr_enable(1);
    /* Explicit congestion notification, other addresses and their authentication are of no use over DTLS. */
    usrsctp_sysctl_set_sctp_ecn_enable(0);
    usrsctp_sysctl_set_sctp_asconf_enable(0);
    usrsctp_sysctl_set_sctp_auto_asconf(0);
    usrsctp_sysctl_set_sctp_auth_enable(0);
    usrsctp_sysctl_set_sctp_delayed_sack_time_default(20);
    usrsctp_sysctl_set_sctp_initial_cwnd(10);
    usrsctp_sysctl_set_sctp_max_burst_default(10);
    /* Milliseconds. After an outage, the first packet is sent again at most 2 s after the line is back. */
    usrsctp_sysctl_set_sctp_rto_initial_default(1000);
    usrsctp_sysctl_set_sctp_rto_min_default(200);
    usrsctp_sysctl_set_sctp_rto_max_default(2000);
    usrsctp_sysctl_set_sctp_init_rto_max_default(2000);
    /* More than a minute without an answer: consent checks (RFC 7675) end a connection earlier. */
    usrsctp_sysctl_set_sctp_assoc_rtx_max_default(40);
    usrsctp_sysctl_set_sctp_path_rtx_max_default(40);
    usrsctp_sysctl_set_sctp_init_rtx_max_default(20);
}

static bool set(struct socket *socket, int level, int option, const void *value, size_t length) {
    return usrsctp_setsockopt(socket, level, option, value, (socklen_t)length) == 0;
}

static bool subscribe(struct socket *socket, uint16_t type) {
    struct sctp_event event = {.se_assoc_id = SCTP_ALL_ASSOC, .se_type = type, .se_on = 1};
    return set(socket, IPPROTO_SCTP, SCTP_EVENT, &event, sizeof event);
}

static bool configure(struct socket *socket, uint16_t stream_count, size_t send_buffer, size_t receive_buffer) {
    int on = 1, whole_messages = 0;
    int sending = (int)send_buffer, receiving = (int)receive_buffer;
    /* Closing aborts the association at once. */
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    struct sctp_assoc_value resets = {.assoc_id = SCTP_ALL_ASSOC, .assoc_value = SCTP_ENABLE_RESET_STREAM_REQ};
    struct sctp_initmsg streams = {.sinit_num_ostreams = stream_count, .sinit_max_instreams = stream_count};
    struct sctp_paddrparams path = {
        .spp_flags = SPP_PMTUD_DISABLE | SPP_HB_ENABLE, .spp_pathmtu = PACKET_PAYLOAD, .spp_hbinterval = 10000};
    return usrsctp_set_non_blocking(socket, 1) == 0 && set(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once)
        && set(socket, SOL_SOCKET, SO_SNDBUF, &sending, sizeof sending)
        && set(socket, SOL_SOCKET, SO_RCVBUF, &receiving, sizeof receiving)
        && set(socket, IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, &resets, sizeof resets)
        && set(socket, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof on)
        && set(socket, IPPROTO_SCTP, SCTP_RECVRCVINFO, &on, sizeof on)
        && set(socket, IPPROTO_SCTP, SCTP_FRAGMENT_INTERLEAVE, &whole_messages, sizeof whole_messages)
        && set(socket, IPPROTO_SCTP, SCTP_INITMSG, &streams, sizeof streams)
        && set(socket, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &path, sizeof path) && subscribe(socket, SCTP_ASSOC_CHANGE)
        && subscribe(socket, SCTP_STREAM_RESET_EVENT) && subscribe(socket, SCTP_PARTIAL_DELIVERY_EVENT);
}

static bool connect_socket(struct socket *socket, uint32_t peer, uint16_t own_port, uint16_t port) {
    struct sockaddr_conn here = {
        .sconn_family = AF_CONN, .sconn_port = htons(own_port), .sconn_addr = address_of(peer)};
    struct sockaddr_conn there = {.sconn_family = AF_CONN, .sconn_port = htons(port), .sconn_addr = address_of(peer)};
    if (usrsctp_bind(socket, (struct sockaddr *)&here, sizeof here) != 0) return false;
    return usrsctp_connect(socket, (struct sockaddr *)&there, sizeof there) == 0 || errno == EINPROGRESS;
}

rtc_sctp *rtc_sctp_new(uint32_t peer, uint16_t own_port, uint16_t port, uint16_t streams, size_t send_buffer,
                       size_t receive_buffer) {
    rtc_sctp *sctp = calloc(1, sizeof *sctp);
    if (!sctp) return NULL;
    sctp->peer = peer;
    usrsctp_register_address(address_of(peer));
    sctp->socket = usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, NULL, NULL, 0, NULL);
    if (sctp->socket && configure(sctp->socket, streams, send_buffer, receive_buffer)
        && connect_socket(sctp->socket, peer, own_port, port)) {
        return sctp;
    }
    rtc_sctp_free(sctp);
    return NULL;
}

void rtc_sctp_free(rtc_sctp *sctp) {
    if (!sctp) return;
    if (sctp->socket) usrsctp_close(sctp->socket);
    usrsctp_deregister_address(address_of(sctp->peer));
    free(sctp);
}

void rtc_sctp_receive(uint32_t peer, const uint8_t *bytes, size_t length) {
    usrsctp_conninput(address_of(peer), bytes, length, 0);
}

void rtc_sctp_advance(uint32_t milliseconds) {
    usrsctp_handle_timers(milliseconds);
}

rtc_send_result rtc_sctp_send(rtc_sctp *sctp, const rtc_sctp_info *info, const uint8_t *bytes, size_t length) {
    struct sctp_sendv_spa how = {.sendv_flags = SCTP_SEND_SNDINFO_VALID};
    how.sendv_sndinfo.snd_sid = info->stream;
    how.sendv_sndinfo.snd_ppid = htonl(info->protocol);
    if (info->is_unordered) how.sendv_sndinfo.snd_flags = SCTP_UNORDERED;
    if (info->reliability != RTC_RELIABLE) {
        how.sendv_flags |= SCTP_SEND_PRINFO_VALID;
        how.sendv_prinfo.pr_policy = info->reliability == RTC_LIFETIME ? SCTP_PR_SCTP_TTL : SCTP_PR_SCTP_RTX;
        how.sendv_prinfo.pr_value = info->limit;
    }
    if (usrsctp_sendv(sctp->socket, bytes, length, NULL, 0, &how, sizeof how, SCTP_SENDV_SPA, 0) >= 0) {
        return RTC_SEND_DONE;
    }
    bool is_full = errno == EWOULDBLOCK || errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM;
    return is_full ? RTC_SEND_FULL : RTC_SEND_FAILED;
}

uint32_t rtc_sctp_in_flight(const rtc_sctp *sctp) {
    /* sstat_penddata would be of no use: it counts what was received and waits for its turn. */
    struct sctp_status status = {0};
    socklen_t length = sizeof status;
    bool is_known = usrsctp_getsockopt(sctp->socket, IPPROTO_SCTP, SCTP_STATUS, &status, &length) == 0;
    return is_known ? status.sstat_unackdata : 0;
}

rtc_reset_result rtc_sctp_reset(rtc_sctp *sctp, uint16_t stream) {
    union {
        struct sctp_reset_streams request;
        uint8_t bytes[sizeof(struct sctp_reset_streams) + sizeof(uint16_t)];
    } reset = {.bytes = {0}};
    reset.request.srs_flags = SCTP_STREAM_RESET_OUTGOING;
    reset.request.srs_number_streams = 1;
    memcpy(reset.bytes + sizeof(struct sctp_reset_streams), &stream, sizeof stream);
    if (set(sctp->socket, IPPROTO_SCTP, SCTP_RESET_STREAMS, &reset, sizeof reset.bytes)) return RTC_RESET_BEGUN;
    return errno == EALREADY || errno == EAGAIN || errno == EBUSY ? RTC_RESET_BUSY : RTC_RESET_FAILED;
}

void rtc_sctp_ping(rtc_sctp *sctp) {
    struct sctp_paddrparams path = {.spp_flags = SPP_HB_DEMAND};
    struct sockaddr_conn there = {.sconn_family = AF_CONN, .sconn_addr = address_of(sctp->peer)};
    memcpy(&path.spp_address, &there, sizeof there);
    set(sctp->socket, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &path, sizeof path);
}
