package import World

/// A store that keeps accounts, entities and HTTP sessions between runs.
///
/// Every function may be called from any task and suspends while the store works; no function blocks the caller's
/// thread.
package protocol Storage: Sendable {
    /// Makes an account.
    ///
    /// - Parameters:
    ///   - login: The user name; unique without regard to case.
    ///   - passwordHash: The password's hash in the hash function's own text form.
    ///   - created: Unix time in seconds.
    /// - Returns: The account with its new number, which is also its player's number.
    /// - Throws: ``StorageError/loginTaken(_:)``, or another ``StorageError`` when the store fails.
    func createAccount(login: String, passwordHash: String, created: Double) async throws(StorageError) -> Account

    /// Finds an account by its login, without regard to case.
    ///
    /// - Parameter login: The user name.
    /// - Returns: The account, or `nil`.
    /// - Throws: ``StorageError`` when the store fails.
    func account(login: String) async throws(StorageError) -> Account?

    /// Finds an account by its number.
    ///
    /// - Parameter id: The account's number.
    /// - Returns: The account, or `nil`.
    /// - Throws: ``StorageError`` when the store fails.
    func account(id: Int) async throws(StorageError) -> Account?

    /// Replaces the hash of an account's password.
    ///
    /// - Parameters:
    ///   - hash: The new hash in the hash function's own text form.
    ///   - id: The account's number; an unknown number is ignored.
    /// - Throws: ``StorageError`` when the store fails.
    func setPasswordHash(_ hash: String, ofAccount id: Int) async throws(StorageError)

    /// Reads the entity of a player.
    ///
    /// - Parameter id: The player's number.
    /// - Returns: The record and when it was saved, or `nil` when the player has never been on a map.
    /// - Throws: ``StorageError`` when the store fails.
    func player(id: Int) async throws(StorageError) -> StoredRecord?

    /// Reads the enemys, animals and objects of one map.
    ///
    /// - Parameter mapID: The map's number.
    /// - Returns: The records by ascending kind and number; players are not among them.
    /// - Throws: ``StorageError`` when the store fails.
    func entities(mapID: Int) async throws(StorageError) -> [EntityRecord]

    /// Writes records and deletes others; only a record that the store can't keep is left out.
    ///
    /// A save of up to some thousand records is all or nothing, as long as the store answers in time and can keep each
    /// of them. A store may carry out another one in several steps, between which others can read, and after the first
    /// of which it can fail: records first, most maps in one step each; then deletions, so that what replaces a deleted
    /// entity is there before; the time last. The highest numbers cover all records from the first step on. After an
    /// error everything has to be saved again, which changes nothing about what was written.
    ///
    /// - Parameters:
    ///   - records: The records to write; each replaces the whole stored record of its key.
    ///   - removed: The keys to delete; unknown keys are ignored.
    ///   - time: The game's time, Unix seconds; ``lastAlive()`` returns it from then on, and ``player(id:)`` returns it
    ///     with these records. With `nil`, ``lastAlive()`` does not change, and these records have no time.
    /// - Returns: Which records were left out.
    /// - Complexity: O(records + removed).
    /// - Throws: ``StorageError`` when the store fails.
    @discardableResult
    func save(
        _ records: [EntityRecord], removed: [EntityKey], at time: Double?
    ) async throws(StorageError) -> SaveOutcome

    /// The last time at which the game was known to run.
    ///
    /// - Returns: Unix time in seconds; `nil` when no time was written to the store yet.
    /// - Throws: ``StorageError`` when the store fails.
    func lastAlive() async throws(StorageError) -> Double?

    /// Checks whether the store was lost, that is deleted, replaced or damaged; cheap enough to call every second.
    ///
    /// - Returns: A text for people that says what happened; `nil` when the store is intact.
    func loss() async -> String?

    /// Replaces a lost store by a new one, and copies into it everything that can still be read from the old store, and
    /// the accounts that were made or read since the start.
    ///
    /// - Parameter name: Distinguishes the new store from others; it becomes a part of a file's name.
    /// - Returns: The path of the new store.
    /// - Throws: ``StorageError`` when a new store can't be made now; the old one stays in use.
    func replaceLostStore(named name: String) async throws(StorageError) -> String

    /// The highest number that an entity of a kind ever had in the store; 0 when there was no such entity.
    ///
    /// - Parameter kind: The kind; for `players` the accounts count as well.
    /// - Returns: The number, so that a new entity can take the next one.
    /// - Throws: ``StorageError`` when the store fails.
    func highestID(_ kind: EntityKind) async throws(StorageError) -> Int

    /// Stores an HTTP session; when it says when it began, that is the player's last login from then on.
    ///
    /// - Parameter session: The session.
    /// - Throws: ``StorageError`` when the store fails.
    func createHTTPSession(_ session: HTTPSession) async throws(StorageError)

    /// Finds an HTTP session by the hash of its secret.
    ///
    /// - Parameter hash: The hash of the secret.
    /// - Returns: The session, even if it has expired, or `nil`.
    /// - Throws: ``StorageError`` when the store fails.
    func httpSession(hash: [UInt8]) async throws(StorageError) -> HTTPSession?

    /// Deletes an HTTP session.
    ///
    /// - Parameter hash: The hash of its secret; an unknown hash is ignored.
    /// - Throws: ``StorageError`` when the store fails.
    func deleteHTTPSession(hash: [UInt8]) async throws(StorageError)

    /// Deletes the HTTP sessions that have expired.
    ///
    /// - Parameter now: Unix time in seconds.
    /// - Throws: ``StorageError`` when the store fails.
    func deleteHTTPSessions(expiredAt now: Double) async throws(StorageError)
}

extension Storage {
    /// Returns `nil`; for stores that can't be lost while they are in use.
    package func loss() async -> String? { nil }

    /// Throws ``StorageError/failed(path:reason:)``; for stores that can't be lost while they are in use.
    package func replaceLostStore(named name: String) async throws(StorageError) -> String {
        throw .failed(path: name, reason: "this store can't begin anew")
    }

    /// Writes records and deletes others, without writing a time.
    package func save(_ records: [EntityRecord], removed: [EntityKey]) async throws(StorageError) {
        try await save(records, removed: removed, at: nil)
    }
}

/// An entity as it was saved.
package struct StoredRecord: Sendable, Equatable {
    /// The entity.
    package var record: EntityRecord
    /// The `time` of the save, Unix seconds by the game's clock; `nil` when the save had no time.
    package var savedAt: Double?

    /// Makes a stored record.
    ///
    /// - Parameters:
    ///   - record: The entity.
    ///   - savedAt: The time of the save.
    package init(record: EntityRecord, savedAt: Double?) {
        self.record = record
        self.savedAt = savedAt
    }
}

/// One account; its number is its player's number too.
package struct Account: Sendable, Equatable {
    /// The number, from 1; never used again for another account.
    package var id: Int
    /// The user name as it was registered.
    package var login: String
    /// The password's hash in the hash function's own text form.
    package var passwordHash: String
    /// Unix time in seconds.
    package var created: Double

    /// Makes an account.
    ///
    /// - Parameters:
    ///   - id: The number, from 1.
    ///   - login: The user name.
    ///   - passwordHash: The password's hash.
    ///   - created: Unix time in seconds.
    package init(id: Int, login: String, passwordHash: String, created: Double) {
        self.id = id
        self.login = login
        self.passwordHash = passwordHash
        self.created = created
    }
}

/// A bearer session for HTTP downloads; only the hash of its secret is kept [1-protocol 1].
package struct HTTPSession: Sendable, Equatable {
    /// The hash of the secret.
    package var hash: [UInt8]
    /// The number of the session's player.
    package var playerID: Int
    /// When it ends, Unix time in seconds.
    package var expires: Double
    /// When it began, Unix time in seconds; `nil` where that is not known.
    package var created: Double?
    /// The address from which it began; `nil` where that is not known.
    package var address: String?

    /// Makes a session.
    ///
    /// - Parameters:
    ///   - hash: The hash of the secret.
    ///   - playerID: The number of the session's player.
    ///   - expires: When it ends, Unix time in seconds.
    ///   - created: When it began, Unix time in seconds.
    ///   - address: The address from which it began.
    package init(hash: [UInt8], playerID: Int, expires: Double, created: Double? = nil, address: String? = nil) {
        self.hash = hash
        self.playerID = playerID
        self.expires = expires
        self.created = created
        self.address = address
    }
}
