import NIOCore

/// The channels of one peer, by the number of their stream.
///
/// A channel is opened by its message, and closed by resets of its stream in both directions (RFC 8831, section 6.7).
/// The client is the client of DTLS, so its streams have even numbers (RFC 8832, section 6); the server opens none.
struct ChannelTable {
    private enum State {
        case open(RTCChannel)
        /// The server has closed its direction, and the client has not closed its own.
        case closing(RTCChannel)
    }

    /// The number of streams.
    private let streamCount: UInt16
    private var states: [UInt16: State] = [:]

    /// Makes an empty table.
    ///
    /// - Parameter streamCount: How many streams the association has.
    init(streamCount: UInt16) { self.streamCount = streamCount }

    /// The open channels, by the number of their stream.
    var open: [RTCChannel] {
        states.values.compactMap { if case .open(let channel) = $0 { channel } else { nil } }
            .sorted { $0.stream < $1.stream }
    }

    /// The open channel of a stream.
    subscript(stream: UInt16) -> RTCChannel? {
        if case .open(let channel)? = states[stream] { channel } else { nil }
    }

    /// Opens a channel.
    ///
    /// - Parameters:
    ///   - stream: The stream on which the client asks for it.
    ///   - terms: The channel.
    /// - Returns: The channel; `nil` when the client may not open one on this stream.
    mutating func open(_ stream: UInt16, _ terms: ChannelOpen) -> RTCChannel? {
        guard stream % 2 == 0, stream < streamCount, states[stream] == nil else { return nil }
        let channel = RTCChannel(stream: stream, terms: terms)
        states[stream] = .open(channel)
        return channel
    }

    /// Records that the server closes a channel.
    ///
    /// - Returns: Whether it was open.
    mutating func beginClosing(_ stream: UInt16) -> Bool {
        guard case .open(let channel)? = states[stream] else { return false }
        states[stream] = .closing(channel)
        return true
    }

    /// What the server does when the client has closed its direction of a stream.
    enum Closing: Equatable {
        /// The client closes an open channel: the server closes its direction too.
        case answer(RTCChannel)
        /// The channel is closed in both directions.
        case done(RTCChannel)
        /// There is no channel, or the client answers that the server has refused one.
        case unknown
    }

    /// Records that the client has closed its direction of a stream.
    ///
    /// - Returns: What to do.
    mutating func clientClosed(_ stream: UInt16) -> Closing {
        switch states.removeValue(forKey: stream) {
        case .open(let channel)?: .answer(channel)
        case .closing(let channel)?: .done(channel)
        case nil: .unknown
        }
    }
}
