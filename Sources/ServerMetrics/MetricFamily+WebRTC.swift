/// What the UDP port of WebRTC has counted; there are no series while it is off.
extension MetricFamily {
    /// Clients that have an answer and have not ended.
    package static let webRTCPeers = gauge(
        "perigee_webrtc_peers", "Clients of WebRTC, those included that are still connecting")
    /// Clients that have opened a channel.
    package static let webRTCOpened = counter("perigee_webrtc_opened_total", "Clients that opened a channel")
    /// Clients that have ended.
    package static let webRTCEnded = counter(
        "perigee_webrtc_ended_total", "Clients that ended, those included that never opened a channel")
    /// Connectivity checks, by whether they were accepted.
    package static let webRTCChecks = counter(
        "perigee_webrtc_checks_total", by: ["result"], "Connectivity checks of clients: `accepted` or `refused`")
    /// Answers as a STUN server.
    package static let webRTCAddressesTold = counter(
        "perigee_webrtc_addresses_told_total", "Answers that told an address, as a STUN server does")
    /// Changes of a client's address.
    package static let webRTCMoves = counter(
        "perigee_webrtc_moves_total", "Times that a client went on from another address")
    /// Datagrams that were dropped.
    package static let webRTCDatagramsDropped = counter(
        "perigee_webrtc_datagrams_dropped_total", "Datagrams dropped: malformed, or of no client")
    /// Datagrams that the system did not send.
    package static let webRTCDatagramsUnsent = counter(
        "perigee_webrtc_datagrams_unsent_total", "Datagrams that the system did not take")
    /// Channels that were refused.
    package static let webRTCChannelsRefused = counter(
        "perigee_webrtc_channels_refused_total", "Openings of channels that were malformed or not allowed")
    /// Messages on no channel.
    package static let webRTCStrayMessages = counter(
        "perigee_webrtc_stray_messages_total", "Messages dropped: on no channel, or of an unknown kind")
    /// Messages received.
    package static let webRTCMessagesReceived = counter(
        "perigee_webrtc_messages_received_total", "Messages received on channels")
    /// Messages sent.
    package static let webRTCMessagesSent = counter(
        "perigee_webrtc_messages_sent_total", "Messages sent on channels, parts of long ones each")
    /// Messages that would have been late.
    package static let webRTCMessagesDropped = counter(
        "perigee_webrtc_messages_dropped_total", "Messages on `fast` dropped, because they would have been late")

    static let webRTC = [
        webRTCPeers, webRTCOpened, webRTCEnded, webRTCChecks, webRTCAddressesTold, webRTCMoves, webRTCDatagramsDropped,
        webRTCDatagramsUnsent, webRTCChannelsRefused, webRTCStrayMessages, webRTCMessagesReceived, webRTCMessagesSent,
        webRTCMessagesDropped,
    ]
}
