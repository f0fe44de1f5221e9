import GameFolder
import Gateway
import HTTPTypes
import JSONValues
import OperatorAPI
import Storage

/// Reads and changes the texts of the game folder for operators, and keeps their versions. Any task may call it.
struct EditedFiles: Sendable {
    /// A text as it is in the folder.
    struct Text: Sendable, Equatable {
        var bytes: [UInt8]
        /// Names this text, for a later change that must not overwrite another one.
        var version: String { Self.version(of: bytes) }

        static func version(of bytes: [UInt8]) -> String { hex(Sodium.hash(bytes).prefix(12)) }
    }

    /// What a change replaced.
    struct Change: Sendable {
        /// The text before; `nil` for a new file.
        var former: Text?
        /// Why git made no commit of the change; `nil` when it did, or the folder is no repository.
        var uncommitted: String?
    }

    let folder: EditableFolder
    let history: FileHistory
    let time: TimeSource
    private let queue = WorkQueue("readings and changes of files", maxWaiting: 64)

    init(_ editing: GameEditing, time: TimeSource) {
        folder = EditableFolder(directory: editing.directory)
        history = FileHistory(directory: editing.directory, storage: editing.versions)
        self.time = time
    }

    // MARK: - Reading

    func list() async throws -> [EditableFolder.Entry] {
        try await queue.run { [folder] in try folder.list() }
    }

    /// The paths of files that are gone and of which there are versions.
    func deleted(besides entries: [EditableFolder.Entry]) async throws -> [String] {
        let present = Set(entries.map(\.path.text))
        return try await history.paths().filter { !present.contains($0) }
    }

    /// The text of a file; `nil` when there is no such file.
    func read(_ path: EditablePath) async throws -> Text? {
        try await queue.run { [folder] in try folder.read(path).map(Text.init) }
    }

    // MARK: - Changing

    /// Writes a file.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - bytes: The new text.
    ///   - base: The version of the text from which the editing began; `nil` for a new file.
    ///   - author: The operator.
    /// - Returns: What the change replaced.
    /// - Throws: ``GatewayError``, with status 409 when the file is not as the caller saw it; ``EditError``;
    ///   ``StorageError``.
    func save(_ path: EditablePath, _ bytes: [UInt8], base: String?, by author: String) async throws -> Change {
        try Self.checkCode(path, bytes)
        try await keepCurrent(path)
        let former = try await queue.run { [folder] in
            let current = try Self.current(path, in: folder, base: base, mine: bytes)
            try folder.write(path, bytes, isNew: current == nil)
            return current
        }
        let refusal = await history.keep([version(path, author, bytes)], message: "Save \(path) in the panel")
        return Change(former: former, uncommitted: refusal)
    }

    /// Deletes a file.
    ///
    /// - Returns: What the change replaced.
    /// - Throws: As ``save(_:_:base:by:)``.
    func delete(_ path: EditablePath, base: String, by author: String) async throws -> Change {
        try await keepCurrent(path)
        let former = try await queue.run { [folder] in
            guard let current = try Self.current(path, in: folder, base: base, mine: nil) else {
                throw EditError.missing(path.text)
            }
            try folder.remove(path)
            return current
        }
        let refusal = await history.keep([version(path, author, nil)], message: "Delete \(path) in the panel")
        return Change(former: former, uncommitted: refusal)
    }

    /// Gives a file another path.
    ///
    /// - Returns: What the change replaced.
    /// - Throws: As ``save(_:_:base:by:)``.
    func rename(
        _ path: EditablePath, to other: EditablePath, base: String, by author: String
    ) async throws -> Change {
        try await keepCurrent(path)
        let text = try await queue.run { [folder] in
            guard let current = try Self.current(path, in: folder, base: base, mine: nil) else {
                throw EditError.missing(path.text)
            }
            try Self.checkCode(other, current.bytes)
            try folder.rename(path, to: other)
            return current
        }
        let refusal = await history.keep(
            [version(path, author, nil), version(other, author, text.bytes)],
            message: "Rename \(path) to \(other) in the panel")
        return Change(former: text, uncommitted: refusal)
    }

    /// The text of a file, which must be the one from which the editing began.
    private static func current(
        _ path: EditablePath, in folder: EditableFolder, base: String?, mine: [UInt8]?
    ) throws -> Text? {
        let current = try folder.read(path).map(Text.init)
        guard current?.version != base else { return current }
        guard let current else {
            throw GatewayError(
                .conflict, "conflict", "\(path) was deleted or renamed meanwhile; save it as a new file to keep it",
                details: ["current": .null, "version": .null])
        }
        throw GatewayError(
            .conflict, "conflict",
            base == nil
                ? "\(path) exists already; compare your text with it"
                : "somebody else changed \(path) meanwhile; compare both texts",
            details: [
                "current": .string(String(decoding: current.bytes, as: UTF8.self)),
                "version": .string(current.version),
            ])
    }

    /// Refuses an event or a timeout formula without code [M11.14].
    private static func checkCode(_ path: EditablePath, _ bytes: [UInt8]) throws(GatewayError) {
        guard let missing = path.missingCode(in: bytes) else { return }
        throw .badRequest("\(path): \(missing)", field: "text")
    }

    // MARK: - Versions

    private func version(_ path: EditablePath, _ author: String, _ bytes: [UInt8]?) -> FileVersion {
        FileVersion(path: path.text, time: time.unix(), author: author, text: bytes)
    }

    /// Keeps the text that is in the folder, unless it is the latest version already.
    private func keepCurrent(_ path: EditablePath) async throws {
        guard let current = try await read(path) else { return }
        try await history.keep(found: version(path, "", current.bytes))
    }
}
