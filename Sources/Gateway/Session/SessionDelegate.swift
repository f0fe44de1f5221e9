import NIOCore
import Simulation
import World

/// The part of the gateway that a session uses; all of it may be called on any event loop.
protocol SessionDelegate: AnyObject, Sendable {
    /// Reads the record with which a player joins its map.
    ///
    /// - Parameters:
    ///   - admission: The player that was admitted.
    ///   - eventLoop: The event loop that completes the future.
    /// - Returns: The record, with the map on which the player is.
    func joiningRecord(for admission: Admission, on eventLoop: any EventLoop) -> EventLoopFuture<EntityRecord>

    /// Now, Unix time in seconds.
    var unixTime: Double { get }

    /// The total time of the server's pauses so far, see ``ServerPauses``.
    var pausedTime: TimeAmount { get }

    /// The state of a map.
    func state(ofMap mapID: Int) -> MapState

    /// The address at which a client reaches a map.
    ///
    /// - Parameters:
    ///   - mapID: The map.
    ///   - address: The address at which the client reached the server.
    /// - Returns: The map's address for this client.
    func address(ofMap mapID: Int, reachedBy address: PublicAddress) -> PublicAddress

    /// Why a session must end at once, such as a ban; `nil` for one that may go on.
    func ending(of session: Session) -> SessionEnding?

    /// Until when a player is muted, Unix time in seconds, infinity for ever; `nil` for one who is not.
    func mutedUntil(_ playerID: Int) -> Double?

    /// Issues a one-time token for the connection to another map.
    func reconnectToken(for admission: Admission) -> String

    /// For how many seconds after a connection broke its player comes back with a token; 0 when that needs a login.
    var resumeSeconds: Int { get }

    /// Issues the token with which the player comes back if this connection breaks; called at most once for a session.
    func resumeToken(for session: Session) -> String

    /// A session waits to join a map: from the opening of its connection on, and whenever its map takes no players. It
    /// may be called again, also for another map.
    func sessionWaits(_ session: Session, forMap mapID: Int)

    /// A session ends that may have waited and is on no map; may be called more than once.
    func sessionWaitsNoMore(_ session: Session)

    /// A session has joined a map and waits no more; the player's older session on another map is ended.
    func sessionJoined(_ session: Session, mapID: Int)

    /// A session has ended; called once for each session that joined.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - mayResume: Whether the player may reconnect with the session's token.
    func sessionEnded(_ session: Session, mayResume: Bool)
}

extension SessionDelegate {
    func ending(of session: Session) -> SessionEnding? { nil }
    func mutedUntil(_ playerID: Int) -> Double? { nil }
}
