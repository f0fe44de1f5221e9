/// A store that keeps the operators of a server: their accounts and sessions, the keys of programs, and the audit log.
///
/// Every function may be called from any task and suspends while the store works; no function blocks the caller's
/// thread.
package protocol OperatorStorage: Sendable {
    // MARK: - Accounts

    /// Makes the first account, an owner, all or nothing.
    ///
    /// - Parameters:
    ///   - login: The user name.
    ///   - passwordHash: The password's hash in the hash function's own text form.
    ///   - created: Unix time in seconds.
    /// - Returns: The account; `nil`, and no account, when there is any account already.
    /// - Throws: ``StorageError`` when the store fails.
    func createFirstOperator(
        login: String, passwordHash: String, created: Double
    ) async throws(StorageError) -> OperatorAccount?

    /// Makes an account.
    ///
    /// - Parameters:
    ///   - login: The user name; unique among operators without regard to case.
    ///   - passwordHash: The password's hash in the hash function's own text form.
    ///   - role: What the operator may do.
    ///   - created: Unix time in seconds.
    /// - Returns: The account with its new number.
    /// - Throws: ``StorageError/loginTaken(_:)``, or another ``StorageError`` when the store fails.
    func createOperator(
        login: String, passwordHash: String, role: OperatorRole, created: Double
    ) async throws(StorageError) -> OperatorAccount

    /// All accounts by ascending number.
    func operators() async throws(StorageError) -> [OperatorAccount]

    /// Finds an account by its number.
    ///
    /// - Parameter id: The number.
    /// - Returns: The account, also a disabled one, or `nil`.
    /// - Throws: ``StorageError`` when the store fails.
    func operatorAccount(id: Int) async throws(StorageError) -> OperatorAccount?

    /// Finds an account by its login, without regard to case.
    ///
    /// - Parameter login: The user name.
    /// - Returns: The account, also a disabled one, or `nil`.
    /// - Throws: ``StorageError`` when the store fails.
    func operatorAccount(login: String) async throws(StorageError) -> OperatorAccount?

    /// Changes an account, all or nothing.
    ///
    /// - Parameters:
    ///   - id: The account's number.
    ///   - changes: The changes.
    /// - Returns: The account before and afterwards, and the names of the keys that were revoked: all keys that the
    ///   operator made whose role is above the one that is left, for a disabled account all. `nil`, and no change, for
    ///   an unknown number, or when the hash to replace is not that of an account that can be used.
    /// - Throws: ``StorageError/lastOwner(_:)`` when no owner would be left who can log in.
    func changeOperator(
        id: Int, _ changes: [OperatorChange]
    ) async throws(StorageError) -> (before: OperatorAccount, after: OperatorAccount, revokedKeys: [String])?

    /// Deletes an account, its sessions, and the keys that it made.
    ///
    /// - Parameter id: The account's number.
    /// - Returns: The deleted account and the names of the revoked keys; `nil` for an unknown number.
    /// - Throws: ``StorageError/lastOwner(_:)`` when no owner would be left who can log in.
    func deleteOperator(id: Int) async throws(StorageError) -> (account: OperatorAccount, revokedKeys: [String])?

    // MARK: - Sessions

    /// Stores a session, and deletes those that have expired when it begins.
    ///
    /// - Parameters:
    ///   - session: The session; its number is ignored.
    ///   - passwordHash: The hash against which the password of the holder's account was checked; ignored for a holder
    ///     of another kind.
    ///   - limit: The most sessions of its holder; the oldest of them give way.
    /// - Returns: The session with its new number; `nil`, and no session, when the holder's account is disabled or gone
    ///   or has another password by now.
    /// - Throws: ``StorageError`` when the store fails.
    func createOperatorSession(
        _ session: OperatorSession, checked passwordHash: String?, limit: Int
    ) async throws(StorageError) -> OperatorSession?

    /// Finds a session by the hash of its secret.
    ///
    /// - Parameter hash: The hash of the secret.
    /// - Returns: The session, even if it has expired, or `nil`.
    /// - Throws: ``StorageError`` when the store fails.
    func operatorSession(hash: [UInt8]) async throws(StorageError) -> OperatorSession?

    /// Reads the sessions that have not expired.
    ///
    /// - Parameters:
    ///   - holder: Whose sessions; `nil` for those of all.
    ///   - now: Unix time in seconds.
    /// - Returns: The sessions, the latest first.
    /// - Throws: ``StorageError`` when the store fails.
    func operatorSessions(
        of holder: OperatorSession.Holder?, at now: Double
    ) async throws(StorageError) -> [OperatorSession]

    /// Notes that a session was used.
    ///
    /// - Parameters:
    ///   - id: The session's number; an unknown one is ignored.
    ///   - now: Unix time in seconds.
    /// - Throws: ``StorageError`` when the store fails.
    func noteUse(ofOperatorSession id: Int, at now: Double) async throws(StorageError)

    /// Ends a session.
    ///
    /// - Parameters:
    ///   - id: The session's number.
    ///   - holder: Whose session it must be; `nil` for a session of anybody.
    /// - Returns: The session; `nil` when there is no such session.
    /// - Throws: ``StorageError`` when the store fails.
    func deleteOperatorSession(
        id: Int, of holder: OperatorSession.Holder?
    ) async throws(StorageError) -> OperatorSession?

    /// Ends all sessions of a holder.
    ///
    /// - Parameter holder: Whose sessions.
    /// - Returns: How many there were.
    /// - Throws: ``StorageError`` when the store fails.
    func deleteOperatorSessions(of holder: OperatorSession.Holder) async throws(StorageError) -> Int

    // MARK: - Keys of programs

    /// Stores a new key.
    ///
    /// - Parameters:
    ///   - name: What the key is for; unique without regard to the case of ASCII letters.
    ///   - hash: The hash of the secret.
    ///   - role: What the program may do.
    ///   - createdBy: The number of the account that answers for the key; `nil` when it is made with the key file.
    ///   - created: Unix time in seconds.
    /// - Returns: The key with its new number; `nil`, and no key, when that account is disabled or gone, or its role is
    ///   below the key's by now.
    /// - Throws: ``StorageError/keyNameTaken(_:)``, or another ``StorageError`` when the store fails.
    func createAPIKey(
        name: String, hash: [UInt8], role: OperatorRole, createdBy: Int?, created: Double
    ) async throws(StorageError) -> APIKey?

    /// All keys by ascending number.
    func apiKeys() async throws(StorageError) -> [APIKey]

    /// Finds a key by the hash of its secret.
    ///
    /// - Parameter hash: The hash of the secret.
    /// - Returns: The key, or `nil`.
    /// - Throws: ``StorageError`` when the store fails.
    func apiKey(hash: [UInt8]) async throws(StorageError) -> APIKey?

    /// Notes that a key was used.
    ///
    /// - Parameters:
    ///   - id: The key's number; an unknown one is ignored.
    ///   - now: Unix time in seconds.
    /// - Throws: ``StorageError`` when the store fails.
    func noteUse(ofAPIKey id: Int, at now: Double) async throws(StorageError)

    /// Revokes a key.
    ///
    /// - Parameter id: The key's number.
    /// - Returns: The key; `nil` for an unknown number.
    /// - Throws: ``StorageError`` when the store fails.
    func deleteAPIKey(id: Int) async throws(StorageError) -> APIKey?

    // MARK: - Audit log

    /// Appends an entry, and drops the oldest ones of its ``AuditEntry/Kind`` above a limit.
    ///
    /// - Parameters:
    ///   - entry: The entry; its number is ignored.
    ///   - limit: The most entries of its kind, at least 1.
    /// - Throws: ``StorageError`` when the store fails.
    func appendAuditEntry(_ entry: AuditEntry, limit: Int) async throws(StorageError)

    /// Reads the audit log.
    ///
    /// - Parameter filter: Which entries are wanted.
    /// - Returns: The entries, the latest first.
    /// - Complexity: O(entries) for a filter that few of them pass.
    /// - Throws: ``StorageError`` when the store fails.
    func auditEntries(_ filter: AuditFilter) async throws(StorageError) -> [AuditEntry]
}
