/// What peers of virtual UDP sockets do.
extension MetricFamily {
    /// Peers that are connected.
    package static let netPeers = gauge("perigee_net_peers", "Peers that are connected")
    /// Peers that joined.
    package static let netPeersJoined = counter("perigee_net_peers_joined_total", "Peers that joined")
    /// Messages of peers.
    package static let netMessages = counter("perigee_net_messages_total", "Messages from peers")
    /// Offers that were passed on.
    package static let netOffers = counter("perigee_net_offers_total", "Offers passed on to another peer")
    /// Refused messages and publications, by their code.
    package static let netRefusals = counter(
        "perigee_net_refusals_total", by: ["reason"], "Messages and publications refused, by the code of the answer")
    /// Entries of the list of servers.
    package static let netServers = gauge("perigee_net_servers", "Entries of the list of servers")

    static let peerNetwork = [netPeers, netPeersJoined, netMessages, netOffers, netRefusals, netServers]
}
