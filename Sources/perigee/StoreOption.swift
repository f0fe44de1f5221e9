import ArgumentParser
import Foundation
import PostgresStorage
import Storage

/// The option that names a shared store, in the place of the database in the data folder.
struct StoreOption: ParsableArguments {
    /// The variable that names the store when no option does.
    static let variable = "PERIGEE_STORE"

    @Option(
        help: ArgumentHelp(
            "A PostgreSQL database for accounts and entities, in the place of the one in the data folder (default: the variable PERIGEE_STORE).",
            valueName: "postgres://USER@HOST/DATABASE"))
    var store: String?

    /// The address that the option or the variable gives; `nil` for the database in the data folder.
    ///
    /// - Parameter isVariableUsed: Whether the variable counts.
    /// - Returns: The address.
    /// - Throws: ``StorageError`` for one that can't be read.
    func address(isVariableUsed: Bool = true) throws(StorageError) -> PostgresAddress? {
        if let store { return try PostgresAddress(store) }
        guard isVariableUsed, let value = ProcessInfo.processInfo.environment[Self.variable], !value.isEmpty else {
            return nil
        }
        return try PostgresAddress(value)
    }
}

/// The options that name the store of a command that runs beside or without a server.
struct StoreArguments: ParsableArguments {
    @Option(help: "The data folder of the game (default: data).") var data: String?
    @OptionGroup var shared: StoreOption

    func validate() throws {
        guard data == nil || shared.store == nil else {
            throw ValidationError("--data and --store name two databases; give one")
        }
    }

    /// The data folder.
    var folder: String { data ?? "data" }

    /// The shared store; `nil` for the database in the data folder, also when `--data` was given.
    func address() throws(StorageError) -> PostgresAddress? { try shared.address(isVariableUsed: data == nil) }
}
