/// What a port has counted since it was opened.
package struct RTCCounts: Sendable, Equatable {
    /// Peers now.
    package var peers = 0
    /// Peers that have opened a channel.
    package var openedPeers = 0
    /// Peers that have ended.
    package var endedPeers = 0
    /// Offers that were refused, because there were too many peers.
    package var refusedOffers = 0
    /// Connectivity checks that were accepted.
    package var acceptedChecks = 0
    /// Checks that were refused, with an answer.
    package var refusedChecks = 0
    /// Answers that told an address to a client without credentials.
    package var toldAddresses = 0
    /// Changes of a peer's address, without its first one.
    package var moves = 0
    /// Datagrams that were dropped: they are of no protocol that is known here, malformed, or from an address of no
    /// peer.
    package var droppedDatagrams = 0
    /// Datagrams that were not sent: the system had no room for them, or no way to their address.
    package var unsentDatagrams = 0
    /// Requests to open a channel that were malformed or not allowed.
    package var refusedChannels = 0
    /// Messages of clients on streams without a channel, or of a kind that is not known.
    package var strayMessages = 0
    /// Messages received on channels.
    package var messagesReceived = 0
    /// Messages given to SCTP, answers of the protocol included.
    package var messagesSent = 0
    /// Messages dropped, because they would have had to wait.
    package var messagesDropped = 0
}
