import NIOCore

/// The bounds of one peer; those of all peers together are ``GameRules/PeerNetworkSettings``.
enum SignalLimits {
    /// The largest message, in bytes: an SDP of ``maxSDPBytes``, escaped.
    static let maxMessageBytes = 24 * 1024
    /// The largest SDP, in bytes. Browsers write less than 2 KiB, and 100 bytes more for each candidate.
    static let maxSDPBytes = 16 * 1024
    /// The deepest nesting of a message.
    static let maxDepth = 4
    /// The most published ports.
    static let maxPorts = 64
    /// The most offers without an answer, made and received, each.
    static let maxOffers = 64
    /// The offers that a peer gets, from all others together, after a burst. It can answer them within ``messageRate``.
    static let offerRate = RateLimit(burst: 64, perSecond: 10)
    /// The most other peers with which a peer has exchanged an offer and which are there.
    static let maxContacts = 1024
    /// How long an offer can be answered.
    static let offerLifetime = Duration.seconds(30)
    /// The longest name of a room, in bytes.
    static let maxRoomBytes = 64
    /// The messages of a peer, after a burst.
    static let messageRate = RateLimit(burst: 100, perSecond: 20)
    /// The peers that join from one address, after a burst.
    static let joinRate = RateLimit(burst: 128, perSecond: 4)
    /// How long a new connection may take to join.
    static let joinTimeout = TimeAmount.seconds(10)
    /// The bytes that may wait for a peer; above that it gets no more messages until it reads.
    static let sendBufferBytes = 256 * 1024
    /// How often a peer is asked to refresh its entries in the list of servers.
    static let refreshInterval = TimeAmount.seconds(10)
}
