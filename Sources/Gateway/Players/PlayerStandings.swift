import Foundation
package import GameRules
import HTTPTypes
import JSONValues
package import Storage
import Synchronization
import Transport
import Wire

/// Which players and addresses are banned, who is muted, and who was erased since the start: in memory, so that logins,
/// handshakes and joins ask without waiting. Bans and mutes end by the time that the caller gives.
///
/// Any thread may call it.
package final class PlayerStandings: Sendable {
    private struct State {
        var ofPlayers: [Int: [Ban]] = [:]
        var ofAddresses: [(range: AddressRange, ban: Ban)] = []
        var mutes: [Int: Mute] = [:]
        var erased: Set<Int> = []
    }

    private let state = Mutex(State())

    init() {}

    // MARK: - Changes

    /// Sets all bans and mutes, as they are in the store; bans that have ended are left out.
    func set(bans: [Ban], mutes: [Mute], now: Double) {
        state.withLock { state in
            state.ofPlayers = [:]
            state.ofAddresses = []
            for ban in bans where ban.isInForce(at: now) { Self.add(ban, to: &state) }
            state.mutes = Dictionary(mutes.map { ($0.playerID, $0) }, uniquingKeysWith: { $1 })
        }
    }

    func add(_ ban: Ban) { state.withLock { Self.add(ban, to: &$0) } }

    private static func add(_ ban: Ban, to state: inout State) {
        if let id = ban.playerID { state.ofPlayers[id, default: []].append(ban) }
        if let range = ban.addresses.flatMap(AddressRange.init) { state.ofAddresses.append((range, ban)) }
    }

    func remove(_ ban: Ban) {
        state.withLock { state in
            if let id = ban.playerID {
                state.ofPlayers[id]?.removeAll { $0.id == ban.id }
                if state.ofPlayers[id]?.isEmpty == true { state.ofPlayers[id] = nil }
            }
            state.ofAddresses.removeAll { $0.ban.id == ban.id }
        }
    }

    func set(_ mute: Mute?, of playerID: Int) { state.withLock { $0.mutes[playerID] = mute } }

    /// Notes that a player is being erased: from now on the player can't log in, connect or join.
    func erase(_ playerID: Int) {
        state.withLock { state in
            state.erased.insert(playerID)
            state.mutes[playerID] = nil
            let bans = state.ofPlayers.removeValue(forKey: playerID) ?? []
            let ids = Set(bans.map(\.id))
            state.ofAddresses.removeAll { ids.contains($0.ban.id) }
        }
    }

    // MARK: - Questions

    /// How many bans of addresses are in force. It forgets those that have ended, so that they don't count for ever.
    func addressCount(now: Double) -> Int {
        state.withLock { state in
            state.ofAddresses.removeAll { !$0.ban.isInForce(at: now) }
            return state.ofAddresses.count
        }
    }

    /// Whether a player was erased, or is being erased.
    func isErased(_ playerID: Int) -> Bool { state.withLock { $0.erased.contains(playerID) } }

    /// The bans of a player's account that are in force.
    package func bans(of playerID: Int, now: Double) -> [Ban] {
        state.withLock { $0.ofPlayers[playerID] ?? [] }.filter { $0.isInForce(at: now) }
    }

    /// The ban that keeps a player or an address out, the one that lasts longest.
    ///
    /// - Parameters:
    ///   - playerID: The player; `nil` for a client that is not known yet.
    ///   - address: The client's address.
    ///   - now: Unix time in seconds.
    /// - Returns: `nil` for a client that may play.
    /// - Complexity: O(bans of addresses).
    package func ban(of playerID: Int?, at address: IPAddress?, now: Double) -> Ban? {
        let bans = state.withLock { state in
            var bans = playerID.flatMap { state.ofPlayers[$0] } ?? []
            if let address { bans += state.ofAddresses.filter { $0.range.contains(address) }.map(\.ban) }
            return bans
        }
        return bans.filter { $0.isInForce(at: now) }.max { ($0.expires ?? .infinity) < ($1.expires ?? .infinity) }
    }

    /// The mute of a player that is in force.
    package func mute(of playerID: Int, now: Double) -> Mute? {
        state.withLock { $0.mutes[playerID] }.flatMap { $0.isInForce(at: now) ? $0 : nil }
    }

    /// The players who are muted. O(mutes).
    func muted(now: Double) -> [Int] {
        state.withLock { $0.mutes.values.filter { $0.isInForce(at: now) }.map(\.playerID) }
    }

    /// Until when a player is muted, infinity for ever; `nil` for one who is not.
    func mutedUntil(_ playerID: Int, now: Double) -> Double? {
        mute(of: playerID, now: now).map { $0.expires ?? .infinity }
    }

    /// Why a session must end at once; `nil` for one that may go on.
    func ending(of playerID: Int, at address: IPAddress?, now: Double) -> SessionEnding? {
        if isErased(playerID) { return .erased }
        return ban(of: playerID, at: address, now: now).map(SessionEnding.banned)
    }

    /// The refusal of a login; `nil` for a client that may play. An erased player is refused as if there were no
    /// account.
    func refusal(of playerID: Int?, at address: IPAddress?, now: Double) -> GatewayError? {
        if let playerID, isErased(playerID) {
            return GatewayError(.unauthorized, "bad_credentials", "wrong login or password")
        }
        return ban(of: playerID, at: address, now: now).map(GatewayError.banned)
    }
}

extension Ban {
    /// What the player is told.
    var notice: String {
        let style = Date.ISO8601FormatStyle().year().month().day().dateTimeSeparator(.space)
            .time(includingFractionalSeconds: false)
        let end = expires.map { "until \(Date(timeIntervalSince1970: $0).formatted(style)) (UTC)" }
        return "you are banned \(end ?? "for ever"): \(reason)"
    }

    /// What the player's program is told beside the code.
    var details: JSONObject {
        var details: JSONObject = ["reason": .string(reason)]
        if let expires { details["until"] = .number(expires) }
        return details
    }
}

extension GatewayError {
    /// The refusal of a banned player: status 403, with `reason`, and `until` for a ban that ends.
    static func banned(_ ban: Ban) -> GatewayError {
        var error = GatewayError(.forbidden, "banned", ban.notice)
        error.details = ban.details
        return error
    }
}

extension SessionEnding {
    /// The end of a banned player's session.
    static func banned(_ ban: Ban) -> SessionEnding {
        SessionEnding(
            .policyViolation,
            Refusal(code: "banned", text: ban.notice, comingBack: .unwelcome, details: ban.details))
    }
}
