/// A store that keeps what operators do about players: bans, mutes, and the search for accounts.
///
/// Every function may be called from any task and suspends while the store works; no function blocks the caller's
/// thread.
package protocol PlayerStorage: Sendable {
    // MARK: - Accounts

    /// Searches accounts.
    ///
    /// - Parameter search: Which accounts are wanted.
    /// - Returns: The accounts: without a part of the login the newest first, else by what follows the part in the
    ///   login.
    /// - Complexity: O(`limit`) by an index, plus the number of bans for a search among banned players.
    /// - Throws: ``StorageError`` when the store fails.
    func players(_ search: PlayerSearch) async throws(StorageError) -> [PlayerAccount]

    /// Reads accounts by their numbers.
    ///
    /// - Parameter ids: The numbers; unknown ones are ignored.
    /// - Returns: The accounts, the newest first.
    /// - Throws: ``StorageError`` when the store fails.
    func players(ids: [Int]) async throws(StorageError) -> [PlayerAccount]

    /// Replaces the hash of a password, and ends all sessions of the player.
    ///
    /// - Parameters:
    ///   - hash: The new hash in the hash function's own text form.
    ///   - id: The player's number.
    /// - Returns: How many sessions were ended; `nil` for an unknown number.
    /// - Throws: ``StorageError`` when the store fails.
    func resetPassword(_ hash: String, ofPlayer id: Int) async throws(StorageError) -> Int?

    /// Deletes everything that the store has about a player: the account, its sessions, the entity, bans of the account
    /// and the mute. The audit log keeps what was done to the account and to the entity, without the values before and
    /// afterwards.
    ///
    /// - Parameters:
    ///   - id: The player's number.
    ///   - target: How the audit log calls the account.
    /// - Returns: Whether there was an account.
    /// - Throws: ``StorageError`` when the store fails.
    func erasePlayer(id: Int, auditTarget target: String) async throws(StorageError) -> Bool

    /// Reads the audit log's entries about a player: about the account, and about the entity on a map.
    ///
    /// - Parameters:
    ///   - id: The player's number.
    ///   - target: How the audit log calls the account.
    /// - Returns: The entries, the latest first.
    /// - Complexity: O(entries of the audit log).
    /// - Throws: ``StorageError`` when the store fails.
    func auditEntries(ofPlayer id: Int, auditTarget target: String) async throws(StorageError) -> [AuditEntry]

    // MARK: - Sessions

    /// Reads the HTTP sessions of a player that have not expired.
    ///
    /// - Parameters:
    ///   - id: The player's number.
    ///   - now: Unix time in seconds.
    /// - Returns: The sessions, the one that ends last first.
    /// - Throws: ``StorageError`` when the store fails.
    func httpSessions(ofPlayer id: Int, at now: Double) async throws(StorageError) -> [HTTPSession]

    /// Ends all HTTP sessions of a player.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: How many there were.
    /// - Throws: ``StorageError`` when the store fails.
    func deleteHTTPSessions(ofPlayer id: Int) async throws(StorageError) -> Int

    // MARK: - Bans and mutes

    /// Stores a ban.
    ///
    /// - Parameter ban: The ban; its number is ignored.
    /// - Returns: The ban with its number.
    /// - Throws: ``StorageError`` when the store fails, and for a player without an account.
    func addBan(_ ban: Ban) async throws(StorageError) -> Ban

    /// Reads bans, those that have ended too.
    ///
    /// - Parameters:
    ///   - before: Only bans with a lower number; `nil` for all.
    ///   - limit: The most bans, from 1; `nil` for all.
    /// - Returns: The bans, the latest first.
    /// - Throws: ``StorageError`` when the store fails.
    func bans(before: Int?, limit: Int?) async throws(StorageError) -> [Ban]

    /// Reads the bans of a player's account, those that have ended too, the latest first.
    func bans(ofPlayer id: Int) async throws(StorageError) -> [Ban]

    /// Deletes a ban.
    ///
    /// - Parameter id: Its number.
    /// - Returns: The ban; `nil` for an unknown number.
    /// - Throws: ``StorageError`` when the store fails.
    func deleteBan(id: Int) async throws(StorageError) -> Ban?

    /// Mutes a player, instead of an earlier mute.
    ///
    /// - Parameter mute: The mute.
    /// - Throws: ``StorageError`` when the store fails, and for a player without an account.
    func setMute(_ mute: Mute) async throws(StorageError)

    /// Ends the mute of a player.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: The mute; `nil` when there was none.
    /// - Throws: ``StorageError`` when the store fails.
    func deleteMute(ofPlayer id: Int) async throws(StorageError) -> Mute?

    /// All mutes, those that have ended too, by ascending number of the player.
    func mutes() async throws(StorageError) -> [Mute]
}
