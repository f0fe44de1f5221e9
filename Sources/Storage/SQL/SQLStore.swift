package import World

/// A store whose rules are written once over ``SQLSession``.
///
/// It has all functions of ``Storage`` but those about entities, and all of ``OperatorStorage``, ``PlayerStorage`` and
/// ``FileVersionStorage``.
package protocol SQLStore: Sendable {
    /// Reads in one transaction, or without one where `body` has only one statement to run.
    ///
    /// - Parameter body: Called once, or again on a new connection when the first one broke.
    /// - Returns: What `body` returns.
    /// - Throws: ``StorageError``.
    func reading<T: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StorageError) -> T

    /// Writes in one transaction, which is undone when `body` throws. It is done although the task is cancelled.
    ///
    /// - Parameter body: Called once, or again when the transaction was undone and nothing of it stayed.
    /// - Returns: What `body` returns.
    /// - Throws: ``StorageError``.
    @discardableResult
    func writing<T: Sendable>(
        _ body: @escaping @Sendable (any SQLSession) throws -> T
    ) async throws(StorageError) -> T

    /// Notes an account that was made or read.
    func remember(_ account: Account)

    /// Forgets an account that was erased.
    func forget(account id: Int)

    /// Notes the highest number of a kind that was read.
    func remember(_ kind: EntityKind, highest: Int)
}

extension SQLStore {
    /// Does nothing; for stores that can't be lost while they are in use.
    package func remember(_ account: Account) {}

    /// Does nothing; for stores that can't be lost while they are in use.
    package func forget(account id: Int) {}

    /// Does nothing; for stores that can't be lost while they are in use.
    package func remember(_ kind: EntityKind, highest: Int) {}
}
