package import NIOCore
package import NIOHTTP1

/// The request with which a client opens its connection.
///
/// Don't keep it: its head may have 32 KiB, and a client that polls needs no open socket for its connection.
package struct EngineHandshake: Sendable {
    /// The request's head.
    package let head: HTTPRequestHead
    /// The other end of the TCP connection: the client, or a proxy; `nil` for a connection without an address.
    package let peer: SocketAddress?

    /// Makes a handshake.
    ///
    /// - Parameters:
    ///   - head: The request's head.
    ///   - peer: The other end of the TCP connection.
    package init(head: HTTPRequestHead, peer: SocketAddress?) {
        self.head = head
        self.peer = peer
    }
}
