import GameRules
import HTTPTypes
import Logging
package import Storage

/// The bans of players and addresses: in the store, in memory, and what a new one means for open connections.
///
/// Any task may call it; each function suspends while the store works.
package final class PlayerBans: Sendable {
    /// The most bans of addresses in force: each login compares its address with all of them.
    package static let maxAddressBans = 10_000
    /// The longest reason of a ban or a mute, in characters.
    package static let maxReason = 300

    /// What keeps players out or silent, in memory.
    package let standings = PlayerStandings()
    private let storage: any PlayerStorage
    private let registry: SessionRegistry
    private let time: TimeSource

    init(storage: any PlayerStorage, registry: SessionRegistry, time: TimeSource) {
        self.storage = storage
        self.registry = registry
        self.time = time
    }

    /// Reads the bans and mutes from the store.
    ///
    /// - Parameter logger: Gets a line for each ban whose addresses can't be read, which keeps nobody out.
    /// - Throws: ``StorageError`` when the store fails.
    func load(logger: Logger) async throws(StorageError) {
        let bans = try await storage.bans(before: nil, limit: nil)
        for ban in bans where ban.isInForce(at: time.unix()) {
            guard let addresses = ban.addresses, AddressRange(addresses) == nil else { continue }
            logger.error(
                "a ban is of no addresses that the server can read; end it and make it again",
                metadata: ["ban": "\(ban.id)", "addresses": "\(addresses)"])
        }
        standings.set(bans: bans, mutes: try await storage.mutes(), now: time.unix())
    }

    /// Bans an account, addresses, or both, and closes the connections and sockets of scripts that the ban is about.
    ///
    /// - Parameter ban: The ban; its number is ignored.
    /// - Returns: The ban with its number, and how many of them were closed.
    /// - Throws: ``GatewayError`` for a ban that is not possible, with the field that is wrong; ``StorageError`` when
    ///   the store fails.
    package func add(_ ban: Ban) async throws -> (ban: Ban, closed: Int) {
        var ban = ban
        let range = try Self.range(of: ban)
        ban.addresses = range.map { "\($0)" }
        guard ban.playerID != nil || range != nil else {
            throw GatewayError.badRequest("give the player or the addresses to ban", field: "player")
        }
        let now = time.unix()
        try Self.check(reason: ban.reason, until: ban.expires, now: now, needsReason: true)
        if let id = ban.playerID, try await storage.players(ids: [id]).isEmpty { throw GatewayError.noPlayer(id) }
        guard range == nil || standings.addressCount(now: now) < Self.maxAddressBans else {
            throw GatewayError(
                .conflict, "full", "there are \(Self.maxAddressBans) bans of addresses; end some of them first")
        }
        let stored = try await storage.addBan(ban)
        standings.add(stored)
        let closed = registry.end(because: .banned(stored)) { id, address in
            let isPlayer = id != nil && id == stored.playerID
            return isPlayer || range.map { range in address.map(range.contains) ?? false } ?? false
        }
        return (stored, closed)
    }

    private static func range(of ban: Ban) throws(GatewayError) -> AddressRange? {
        guard let text = ban.addresses, !text.isEmpty else { return nil }
        guard let range = AddressRange(text) else {
            throw .badRequest(
                "\"\(text.prefix(60))\" is no address such as 192.0.2.7 and no range such as 192.0.2.0/24 or 2001:db8::/64, whose later bits are 0",
                field: "addresses")
        }
        guard !range.isVast else {
            throw .badRequest(
                "\(range) is a large part of the internet; ban a range of at least 8 first bits, of IPv6 16",
                field: "addresses")
        }
        return range
    }

    /// Checks the reason and the end of a ban or a mute.
    ///
    /// - Parameters:
    ///   - reason: The reason.
    ///   - until: The end, Unix time in seconds; `nil` for one that does not end.
    ///   - now: Unix time in seconds.
    ///   - needsReason: Whether the reason may not be empty.
    /// - Throws: ``GatewayError`` with the field that is wrong.
    static func check(reason: String, until: Double?, now: Double, needsReason: Bool) throws(GatewayError) {
        guard reason.count <= maxReason, reason.utf8.count <= 4 * maxReason,
            !needsReason || !reason.allSatisfy(\.isWhitespace)
        else { throw .badRequest("a reason has 1 to \(maxReason) characters", field: "reason") }
        guard until.map({ $0.isFinite && $0 > now && $0 < 1e11 }) ?? true else {
            throw .badRequest("the end must be a time that is still to come, in Unix seconds", field: "until")
        }
    }

    /// Ends a ban.
    ///
    /// - Parameter id: Its number.
    /// - Returns: The ban.
    /// - Throws: ``GatewayError`` with status 404 for an unknown number; ``StorageError`` when the store fails.
    package func remove(_ id: Int) async throws -> Ban {
        guard let ban = try await storage.deleteBan(id: id) else {
            throw GatewayError.notFound("there is no ban with the number \(id)")
        }
        standings.remove(ban)
        return ban
    }

    /// Reads bans, those that have ended too, the latest first.
    ///
    /// - Parameters:
    ///   - before: Only bans with a lower number; `nil` for all.
    ///   - limit: The most bans, from 1.
    /// - Returns: The bans.
    /// - Throws: ``StorageError`` when the store fails.
    package func list(before: Int?, limit: Int) async throws(StorageError) -> [Ban] {
        try await storage.bans(before: before, limit: limit)
    }
}

extension GatewayError {
    /// The refusal of an unknown number of a player.
    static func noPlayer(_ id: Int) -> GatewayError { .notFound("there is no player with the number \(id)") }
}
