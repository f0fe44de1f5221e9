import NIOCore
import Simulation
import World

/// What a session needs of the rest of the gateway; all of it may be called on any event loop.
protocol SessionDelegate: AnyObject, Sendable {
    /// Reads the record with which a player joins its map.
    ///
    /// - Parameters:
    ///   - admission: The player that was admitted.
    ///   - eventLoop: Where the future is completed.
    /// - Returns: The record, with the map on which the player is.
    func joiningRecord(for admission: Admission, on eventLoop: any EventLoop) -> EventLoopFuture<EntityRecord>

    /// Now, Unix time in seconds.
    var unixTime: Double { get }

    /// How long the server's pauses were so far, all together, see ``ServerPauses``.
    var pausedTime: TimeAmount { get }

    /// A map by its number; `nil` when the game has no such map.
    func map(_ mapID: Int) -> (any MapHandle)?

    /// Where a map is played.
    ///
    /// - Parameters:
    ///   - mapID: The map.
    ///   - address: Where the client reached the server.
    /// - Returns: Where it reaches the map.
    func address(ofMap mapID: Int, reachedBy address: PublicAddress) -> PublicAddress

    /// Issues a token for the connection to another map.
    func reconnectToken(for admission: Admission) -> String

    /// For how many seconds after a connection broke its player comes back with a token; 0 when that needs a login.
    var resumeSeconds: Int { get }

    /// Issues the token with which the player comes back if this connection breaks; called at most once for a session.
    func resumeToken(for session: Session) -> String

    /// A session has joined a map; the player's older session on another map is ended.
    func sessionJoined(_ session: Session, mapID: Int)

    /// A session is gone; called once for each that joined.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - mayResume: Whether its player may come back with its token.
    func sessionEnded(_ session: Session, mayResume: Bool)
}
