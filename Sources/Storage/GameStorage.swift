/// Everything that a server needs of a store.
package protocol GameStorage: Storage, OperatorStorage, PlayerStorage, FileVersionStorage {
    /// Puts the lines that an export wrote into the store, all or nothing.
    ///
    /// - Parameters:
    ///   - lines: The lines, without their line breaks.
    ///   - file: The file that they come from, for messages.
    ///   - replacing: Whether everything in the store is deleted first; else it must have no accounts, entities
    ///     and bans.
    /// - Returns: How many accounts and entities were imported.
    /// - Throws: ``StorageError``, among them ``StorageError/malformed(file:line:reason:)``.
    func importLines(
        _ lines: [Substring], file: String, replacing: Bool
    ) async throws(StorageError) -> (accounts: Int, entities: Int)

    /// Closes the store; later calls fail.
    ///
    /// - Throws: ``StorageError`` when something is left that a next start has to mend.
    func close() async throws(StorageError)
}
