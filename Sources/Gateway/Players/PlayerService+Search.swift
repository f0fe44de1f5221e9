package import Storage

/// The search for players.
extension PlayerService {
    /// Limits the search to players in one state.
    package enum State: String, Sendable, CaseIterable {
        /// Connected players.
        case online
        /// Players who are not connected.
        case offline
        /// Players whose account is banned.
        case banned
        /// Players who are muted.
        case muted
    }

    /// Searches players.
    ///
    /// - Parameters:
    ///   - text: A part of the login, or the number; empty for all.
    ///   - state: What they do now; `nil` for all.
    ///   - after: The last player of the page before; `nil` for the first page.
    ///   - limit: The most players, from 1.
    /// - Returns: The players, and the last one of them when there may be more.
    /// - Complexity: O(`limit`) in the store by an index. Searches by state take at most as long as there are players
    ///   in that state, for `offline` as there are connected players.
    /// - Throws: ``StorageError`` when the store fails.
    package func search(
        _ text: String, _ state: State?, after: Int?, limit: Int
    ) async throws(StorageError) -> (players: [Player], next: Int?) {
        var found: [PlayerAccount] = []
        let number = Int(text.drop { $0 == "#" })
        if after == nil, let number, let account = try await storage.players(ids: [number]).first,
            matches(player(account), state)
        {
            found.append(account)
        }
        var after = after
        var isComplete = false
        while found.count <= limit, !isComplete {
            let page = try await accounts(text, state, after: after, limit: limit + 1)
            isComplete = page.count <= limit
            after = page.last?.id
            // The one with the number stands first already.
            found += page.filter { account in account.id != number && (state != .offline || registry[account.id] == nil)
            }
        }
        let shown = found.prefix(limit)
        return (shown.map(player), found.count > limit ? shown.last?.id : nil)
    }

    private func matches(_ player: Player, _ state: State?) -> Bool {
        switch state {
        case nil: true
        case .online?: player.online != nil
        case .offline?: player.online == nil
        case .banned?: !player.bans.isEmpty
        case .muted?: player.mute != nil
        }
    }

    private func accounts(
        _ text: String, _ state: State?, after: Int?, limit: Int
    ) async throws(StorageError) -> [PlayerAccount] {
        switch state {
        case .online?:
            let key = loginKey(text)
            let online = registry.online.filter { player in
                player.id < after ?? .max && (key.isEmpty || loginKey(player.login).contains(key))
            }
            return try await storage.players(ids: online.map(\.id).sorted(by: >).prefix(limit).map(\.self))
        case .muted?:
            let key = loginKey(text)
            var ids = standings.muted(now: time.unix()).filter { $0 < after ?? .max }.sorted(by: >)[...]
            var found: [PlayerAccount] = []
            while found.count < limit, !ids.isEmpty {
                let some = try await storage.players(ids: Array(ids.prefix(500)))
                found += some.filter { key.isEmpty || loginKey($0.login).contains(key) }
                ids = ids.dropFirst(500)
            }
            return Array(found.prefix(limit))
        default:
            return try await storage.players(
                PlayerSearch(part: text, bannedAt: state == .banned ? time.unix() : nil, after: after, limit: limit))
        }
    }
}
