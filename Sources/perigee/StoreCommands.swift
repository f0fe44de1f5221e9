import ArgumentParser
import Foundation
import PostgresStorage
import Storage

/// `perigee backup`
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copies the database of a game, also while its server runs.",
        discussion: """
            The copy is the database as it is at one moment. To go back to it, stop the server and put the file in the place \
            of perigee.sqlite in the data folder, without the files perigee.sqlite-wal and perigee.sqlite-shm.

            With --store the copy is what perigee export writes: accounts and entities of one moment as lines of JSON, \
            which perigee import reads. PostgreSQL's own pg_dump copies operators and the audit log as well.
            """)

    @Argument(help: "The file to write; there must be none of that name.") var file: String
    @OptionGroup var store: StoreArguments

    func run() throws {
        try reportingErrors {
            if let address = try store.address() {
                let target = try NewFile(path: file)
                try export(to: target) { try PostgresStorage.export(address, $0) }
                return StandardError.print("perigee: \(address) is copied to \(file)")
            }
            let source = try DatabaseFile.existing(in: store.folder)
            let target = try NewFile(path: file)
            try SQLiteStorage.backUp(source, to: target.draft)
            try target.finish()
            StandardError.print("perigee: \(source) is copied to \(file)")
        }
    }
}

/// `perigee export`
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes accounts and entities of a game as lines of JSON.",
        discussion: """
            The lines show the database as it is at one moment; the server may run meanwhile. They hold the hashes of \
            passwords. perigee import reads them.
            """)

    @Argument(help: "The file to write, of which there must be none; without it, standard output.") var file: String?
    @OptionGroup var store: StoreArguments

    func run() throws {
        try reportingErrors {
            let address = try store.address()
            let source = address == nil ? try DatabaseFile.existing(in: store.folder) : ""
            try export(to: file.map { try NewFile(path: $0) }) { write in
                if let address {
                    try PostgresStorage.export(address, write)
                } else {
                    try SQLiteStorage.export(source, write)
                }
            }
        }
    }
}

/// Writes the lines of an export.
///
/// - Parameters:
///   - target: The file; `nil` for standard output.
///   - lines: Calls its argument with each line.
/// - Throws: What `lines` throws, and an error of the file.
private func export(to target: NewFile?, _ lines: ((String) throws -> Void) throws -> Void) throws {
    let output = try target.map { try FileHandle(forWritingTo: URL(fileURLWithPath: $0.draft)) }
    var buffer = Data()
    func flush() throws {
        try (output ?? .standardOutput).write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
    }
    try lines { line in
        buffer.append(contentsOf: line.utf8)
        buffer.append(0x0A)
        if buffer.count >= 1 << 16 { try flush() }
    }
    try flush()
    try output?.close()
    try target?.finish()
}

/// `perigee import`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Puts what perigee export wrote into the database of a game.",
        discussion: """
            The server must be stopped. All lines are taken or, when one is wrong, none.
            """)

    @Argument(help: "The file to read.") var file: String
    @OptionGroup var store: StoreArguments
    @Flag(help: "Removes all accounts and entities that are there first.") var replace = false

    func run() async throws {
        try await reportingErrors {
            let text = try InputFile.text(file, wanted: "name a file that perigee export wrote")
            let (storage, place) = try await opened()
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let count = try await storage.importLines(lines, file: file, replacing: replace)
            try await storage.close()
            StandardError.print("perigee: \(count.accounts) accounts and \(count.entities) entities are in \(place)")
        }
    }
}

extension ImportCommand {
    /// Opens the store, and says where it is.
    private func opened() async throws -> (any GameStorage, String) {
        if let address = try store.address() { return (try await PostgresStorage.open(address), "\(address)") }
        try DataFolder.prepare(store.folder)
        return (try SQLiteStorage(path: DatabaseFile.path(in: store.folder)), store.folder)
    }
}

/// Runs a command's work; prints an error in one line. The exit status is 2 for a file that the command line should not
/// have named, and 1 for all else.
private func reportingErrors(_ work: () throws -> Void) throws {
    do {
        try work()
    } catch {
        throw reported(error)
    }
}

private func reportingErrors(_ work: () async throws -> Void) async throws {
    do {
        try await work()
    } catch {
        throw reported(error)
    }
}

private func reported(_ error: any Error) -> ExitCode {
    if let error = error as? WrongArgument { return error.printed() }
    StandardError.print("perigee: \(error)")
    return ExitCode.failure
}

/// The path of a game's database.
private enum DatabaseFile {
    static func path(in data: String) -> String { "\(data)/perigee.sqlite" }

    /// The path of the database in a data folder; throws when the folder has no database.
    static func existing(in data: String) throws(WrongArgument) -> String {
        let path = path(in: data)
        guard !FileManager.default.fileExists(atPath: path) else { return path }
        let missing =
            FileManager.default.fileExists(atPath: data)
            ? "there is no database \"\(path)\"" : "there is no data folder \"\(data)\""
        throw WrongArgument("\(missing); name the game's data folder with --data DIR")
    }
}

/// A file that is written under a temporary name and renamed when it is complete. Only its owner may read it, since it
/// holds accounts.
private struct NewFile {
    let path: String
    let draft: String

    init(path: String) throws(WrongArgument) {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw WrongArgument("\"\(path)\" is there already; remove it, or choose another name")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: folder) else {
            throw WrongArgument("can't write \"\(path)\": there is no folder \"\(folder)\"; make it, or choose another")
        }
        self.path = path
        draft = path + ".part"
        // Removes the draft of an earlier run. `unlink` opens nothing, and it fails on a folder, which `open` then
        // reports.
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw WrongArgument(
                "can't write \"\(path)\" by way of \(draft) (\(String(cString: strerror(errno)))); this user must be "
                    + "allowed to write to its folder")
        }
        close(file)
    }

    func finish() throws(WrongArgument) {
        guard rename(draft, path) == 0 else {
            throw WrongArgument("can't write \"\(path)\": \(String(cString: strerror(errno)))")
        }
    }
}
