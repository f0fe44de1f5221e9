import GameFolder
import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore
import OperatorAPI
import Simulation
import Storage

/// The editor of the game folder: its page and its requests.
struct EditorRoutes: Sendable {
    /// The longest body, in bytes: a text of 1 MiB as JSON, where line ends and quotes take two bytes.
    private static let maxBodyBytes = 4 << 20

    /// `nil` for a server without a game folder.
    private let parts: Parts?

    /// What answers the requests.
    private struct Parts: Sendable {
        let editing: GameEditing
        let files: EditedFiles
        let work: ScriptWork
    }

    init(_ editing: GameEditing?, time: TimeSource) {
        parts = editing.map {
            Parts(editing: $0, files: EditedFiles($0, time: time), work: ScriptWork($0))
        }
    }

    func add(to routes: inout PanelRoutes) {
        on(.listFiles, &routes) { _, parts in try await list(parts) }
        on(.showFile, &routes) { call, parts in try await show(call, parts) }
        on(.saveFile, &routes) { call, parts in try await save(call, parts) }
        on(.deleteFile, &routes) { call, parts in try await delete(call, parts) }
        on(.renameFile, &routes) { call, parts in try await rename(call, parts) }
        on(.checkFile, &routes) { call, parts in try await check(call, parts) }
        on(.formFile, &routes) { call, parts in try await form(call) }
        on(.testFiles, &routes) { call, parts in try await test(call, parts) }
        on(.listVersions, &routes) { call, parts in
            Response(operatorJSON: try await parts.files.history.versions(of: Self.path(call)))
        }
        on(.showVersion, &routes) { call, parts in
            let path = try call.query("file").map { try EditablePath($0) }
            return Response(operatorJSON: try await parts.files.history.version(call.parameter("id"), of: path))
        }
        on(.listNames, &routes) { _, parts in
            Response(json: EditorNames(game: await parts.editing.game()).json)
        }
        routes.on(.editorPage) { try await page($0) }
    }

    private func on(
        _ endpoint: Endpoint, _ routes: inout PanelRoutes,
        _ handler: @escaping @Sendable (PanelCall, Parts) async throws -> Response
    ) {
        routes.on(endpoint) { [parts] call in
            guard let parts else { throw GatewayError.notFound("this server has no game folder to edit") }
            do {
                return try await handler(call, parts)
            } catch let error as EditError {
                throw Self.refusal(error, call)
            } catch let error as GameFolderError {
                throw GatewayError(.conflict, "game_folder", "\(error)")
            }
        }
    }

    /// The refusal of a request. A path that is not allowed may be an attack, so it is written down for readers too.
    private static func refusal(_ error: EditError, _ call: PanelCall) -> GatewayError {
        if case .badPath(let path, _) = error { call.note.write { $0.target = path } }
        return GatewayError(error)
    }

    // MARK: - Reading

    /// The path in the query.
    private static func path(_ call: PanelCall) throws -> EditablePath { try EditablePath(call.query("file") ?? "") }

    private func list(_ parts: Parts) async throws -> Response {
        let entries = try await parts.files.list()
        let deleted = try await parts.files.deleted(besides: entries)
        return Response(
            json: .object([
                "files": .array(
                    entries.map {
                        .object(["file": .string($0.path.text), "bytes": .number(Double($0.bytes))])
                    }), "deleted": .array(deleted.map(JSON.string)),
            ]))
    }

    private func show(_ call: PanelCall, _ parts: Parts) async throws -> Response {
        let path = try Self.path(call)
        guard let text = try await parts.files.read(path) else { throw EditError.missing(path.text) }
        return Response(json: .object(Self.described(path, text.bytes)))
    }

    /// A text with its version, and the fields of its form.
    private static func described(_ path: EditablePath, _ bytes: [UInt8]) -> JSONObject {
        [
            "file": .string(path.text), "text": .string(String(decoding: bytes, as: UTF8.self)),
            "version": .string(EditedFiles.Text.version(of: bytes)), "form": form(path, bytes),
        ]
    }

    private static func form(_ path: EditablePath, _ bytes: [UInt8]) -> JSON {
        path.role.map { .audited(ScriptForm(bytes, role: $0)) } ?? .null
    }

    // MARK: - Changes

    /// The path of a file that the caller may change.
    ///
    /// A script in a file that is sent to players could act for an operator who plays, so that needs an owner.
    private static func changedPath(_ text: String, _ call: PanelCall) throws -> EditablePath {
        let path = try EditablePath(text)
        guard !path.isServed || call.caller?.role == .owner else {
            throw GatewayError(
                .forbidden, "forbidden",
                "\(path) is sent to browsers, where it could act for an operator who plays; changing it needs the role owner"
            )
        }
        return path
    }

    private func save(_ call: PanelCall, _ parts: Parts) async throws -> Response {
        let given = try await call.body(SaveFileRequest.self, maxBytes: Self.maxBodyBytes)
        call.note.write { $0.target = given.file }
        let path = try Self.changedPath(given.file, call)
        let bytes = Array(given.text.utf8)
        let change = try await parts.files.save(path, bytes, base: given.base, by: call.requireCaller().name)
        call.note.write { note in
            note.before = change.former.map { Self.note($0.bytes) }
            note.after = Self.note(bytes)
        }
        var answer = Self.described(path, bytes)
        answer["text"] = nil
        return await applied(change, answer, parts)
    }

    private func delete(_ call: PanelCall, _ parts: Parts) async throws -> Response {
        call.note.write { $0.target = call.query("file") ?? "" }
        let path = try Self.changedPath(call.query("file") ?? "", call)
        let change = try await parts.files.delete(
            path, base: call.query("base") ?? "", by: call.requireCaller().name)
        call.note.write { $0.before = change.former.map { Self.note($0.bytes) } }
        return await applied(change, [:], parts)
    }

    private func rename(_ call: PanelCall, _ parts: Parts) async throws -> Response {
        let given = try await call.body(RenameFileRequest.self)
        call.note.write { $0.target = given.file }
        let path = try Self.changedPath(given.file, call)
        let other = try Self.changedPath(given.to, call)
        let change = try await parts.files.rename(path, to: other, base: given.base, by: call.requireCaller().name)
        call.note.write { note in
            note.before = .string(path.text)
            note.after = .string(other.text)
        }
        return await applied(change, ["file": .string(other.text)], parts)
    }

    /// Applies a change of the folder to the running game.
    private func applied(_ change: EditedFiles.Change, _ answer: JSONObject, _ parts: Parts) async -> Response {
        var answer = answer
        answer["reload"] = ReloadAnswer(await parts.editing.apply()).json
        answer["uncommitted"] = change.uncommitted.map(JSON.string)
        return Response(json: .object(answer))
    }

    /// What the audit log says about a text; the versions have the text itself.
    private static func note(_ bytes: [UInt8]) -> JSON {
        .object(["version": .string(EditedFiles.Text.version(of: bytes)), "bytes": .number(Double(bytes.count))])
    }

    // MARK: - Questions

    private static func checkSize(_ text: String, _ path: EditablePath) throws {
        guard text.utf8.count <= EditableFolder.maxBytes else {
            throw EditError.tooLarge(path.text, bytes: text.utf8.count)
        }
    }

    private func check(_ call: PanelCall, _ parts: Parts) async throws -> Response {
        let given = try await call.body(CheckFileRequest.self, maxBytes: Self.maxBodyBytes)
        let path = try EditablePath(given.file)
        try Self.checkSize(given.text, path)
        let bytes = Array(given.text.utf8)
        var answer = try await parts.work.check(path, bytes)
        answer["form"] = Self.form(path, bytes)
        return Response(json: .object(answer))
    }

    /// The body of ``Endpoint/formFile``.
    private struct FormRequest: Decodable {
        var file: String
        var text: String
        var form: ScriptForm
    }

    private func form(_ call: PanelCall) async throws -> Response {
        let given = try await call.body(FormRequest.self, maxBytes: Self.maxBodyBytes)
        let path = try EditablePath(given.file)
        try Self.checkSize(given.text, path)
        guard let role = path.role else {
            throw GatewayError.badRequest("\(path) is no script of the game, so it has no form", field: "file")
        }
        do throws(ScriptForm.Mistake) {
            let bytes = try given.form.applied(to: Array(given.text.utf8), role: role)
            return Response(json: .object(Self.described(path, bytes)))
        } catch {
            throw GatewayError.badRequest(error.message, field: error.field)
        }
    }

    private func test(_ call: PanelCall, _ parts: Parts) async throws -> Response {
        let given = try await call.body(TestFilesRequest.self)
        let text = try await parts.work.runTests(filter: given.filter)
        return Response(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    // MARK: - The page

    private func page(_ call: PanelCall) async throws -> Response {
        let caller = try call.requireCaller()
        guard let parts else { return .page(EditorPage.withoutFolder, for: caller) }
        var page = EditorPage(role: caller.role)
        do {
            page.entries = try await parts.files.list()
            page.deleted = try await parts.files.deleted(besides: page.entries)
            if call.query("file") != nil { try await open(Self.path(call), call, parts, &page) }
        } catch let error as EditError {
            if case .badPath = error { throw Self.refusal(error, call) }
            page.problem = "\(error)"
        }
        return .page(page.page, for: caller)
    }

    private func open(
        _ path: EditablePath, _ call: PanelCall, _ parts: Parts, _ page: inout EditorPage
    ) async throws {
        page.file = path
        page.line = call.query("line").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        guard try await parts.files.read(path) == nil else { return }
        if page.deleted.contains(path.text), call.query("template") == nil {
            page.isDeleted = true
        } else if page.isReadOnly {
            throw EditError.missing(path.text)
        } else {
            let template = call.query("template").flatMap(ScriptTemplate.init(rawValue:)) ?? ScriptTemplate(for: path)
            page.newText = template?.text(for: path) ?? ""
        }
    }
}

extension GatewayError {
    /// The refusal of a change of the game folder.
    fileprivate init(_ error: EditError) {
        switch error {
        case .badPath: self = .badRequest("\(error)", field: "file")
        case .missing: self = .notFound("\(error)")
        case .exists: self.init(.conflict, "exists", "\(error)", field: "file")
        case .tooLarge: self.init(.contentTooLarge, "too_large", "\(error)", field: "text")
        case .notText: self.init(.unsupportedMediaType, "not_text", "\(error)", field: "text")
        case .refused: self.init(.conflict, "refused", "\(error)")
        }
    }
}
