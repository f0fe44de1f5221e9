package import JSONValues
import Storage

/// The data of one player, for the player.
extension PlayerService {
    /// Everything that the server has about a player, without the hash of the password.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: An object.
    /// - Throws: ``GatewayError`` with status 404 for an unknown number; ``StorageError`` when the store fails.
    package func export(_ id: Int) async throws -> JSON {
        let player = try await player(id)
        var account: JSONObject = [
            "id": .number(Double(id)), "login": .string(player.account.login),
            "created": .number(player.account.created),
        ]
        account["last_login"] = player.account.lastLogin.map(JSON.number)
        var export: JSONObject = ["exported": .number(now), "account": .object(account)]
        export["entity"] = try await savedEntity(id)?.exported ?? .null
        export["connection"] =
            player.online.map { online in
                .object([
                    "map_id": .number(Double(online.mapID)), "since": .number(online.since),
                    "address": online.address.map { .string("\($0)") } ?? .null,
                ])
            } ?? .null
        export["sessions"] = .array(
            try await sessions(of: id).map { session in
                .object([
                    "created": session.created.map(JSON.number) ?? .null, "expires": .number(session.expires),
                    "address": session.address.map(JSON.string) ?? .null,
                ])
            })
        export["bans"] = .array(
            try await storage.bans(ofPlayer: id).map { ban in
                .object([
                    "addresses": ban.addresses.map(JSON.string) ?? .null, "reason": .string(ban.reason),
                    "made_by": .string(ban.madeBy), "created": .number(ban.created),
                    "expires": ban.expires.map(JSON.number) ?? .null,
                ])
            })
        export["mute"] =
            player.mute.map { mute in
                .object([
                    "reason": .string(mute.reason), "made_by": .string(mute.madeBy),
                    "created": .number(mute.created), "expires": mute.expires.map(JSON.number) ?? .null,
                ])
            } ?? .null
        export["audit_log"] = .array(
            try await storage.auditEntries(ofPlayer: id, auditTarget: Self.auditName(id)).map { entry in
                .object([
                    "time": .number(entry.time), "actor": .string(entry.actor), "action": .string(entry.action),
                    "before": entry.before.map(JSON.string) ?? .null, "after": entry.after.map(JSON.string) ?? .null,
                    "refusal": entry.refusal.map(JSON.string) ?? .null,
                ])
            })
        return .object(export)
    }
}
