import Foundation
import GameFolder
import Gateway
import HTTPTypes
import Hummingbird
import JSONValues
import NIOCore
import NIOPosix
import OperatorAPI
import Simulation

/// Uploading, listing and deleting files of the game folder: maps, music, images [M0.11].
///
/// A map, tileset, template or world is read by the loader of the game first, see ``MapFileTrial``; a file with
/// mistakes replaces nothing. The reload after it is the one of every change to the game folder, so players of a map
/// get its new geometry.
struct FileRoutes: Sendable {
    /// `nil` for a server without a game folder.
    let store: UploadStore?
    let maps: any RunningMaps
    let reload: AdminPanel.Reload?
    /// How many bytes are written to the disk at once.
    private static let blockBytes = 1 << 20

    func add(to routes: inout PanelRoutes) {
        routes.on(.listUploads) { _ in Response(operatorJSON: try await files()) }
        routes.on(.uploadFile) { try await upload($0) }
        routes.on(.deleteUpload) { try await delete($0) }
        routes.on(.filesPage) { call in
            let caller = try call.requireCaller()
            return .page(
                FilesPage.page(try await files().folders, maps: maps.handles.map(\.status), for: caller), for: caller)
        }
    }

    private func files() async throws -> FilesAnswer {
        guard let store else { return FilesAnswer(folders: []) }
        return FilesAnswer(folders: try await Self.onDisk { UploadFolder.allCases.map(store.list) })
    }

    private static func onDisk<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(work)
    }

    /// The file that the path names.
    private func target(_ call: PanelCall) throws(GatewayError) -> (UploadStore, UploadName) {
        guard let store else { throw .notFound("this server has no game folder") }
        let name = try UploadName(folder: call.parameter("folder"), name: call.parameter("name"))
        call.note.write { $0.target = name.path }
        return (store, name)
    }

    // MARK: - Uploading

    private func upload(_ call: PanelCall) async throws -> Response {
        call.note.write { $0.target = "\(call.parameter("folder"))/\(call.parameter("name"))" }
        let (store, name) = try target(call)
        let (isCheck, isReplacement) = (call.query("check") == "true", call.query("replace") == "true")
        var before = try await Self.onDisk { try store.digest(of: name) }
        call.note.write { $0.before = before?.json }
        guard before == nil || isReplacement || isCheck else { throw UploadStore.exists(name) }
        let announced = call.request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard announced <= name.content.maxBytes else { throw Self.tooLarge(name) }
        let draft = try await Self.onDisk { [before] in
            try store.checkRoom(for: name, size: announced, replacing: before)
            return try store.begin(name)
        }
        do {
            try await write(call.request.body, to: draft, for: name)
            let after = try await Self.onDisk { [before] in
                let after = try UploadStore.digest(ofFile: draft.path)
                try store.checkRoom(for: name, size: after.size, replacing: before)
                return after
            }
            call.note.write { note in
                note.after = after.json
                if isCheck { note.target += " (check only)" }
            }
            let trial = try await trial(name, draft, store)
            if isCheck {
                try await Self.onDisk { store.discard(draft) }
            } else {
                before = try await Self.onDisk { try store.commit(draft, as: name, replacing: isReplacement) }
                call.note.write { $0.before = before?.json }
            }
            return Response(json: try await answer(name, before, after, trial, isDone: !isCheck))
        } catch {
            try? await Self.onDisk { store.discard(draft) }
            throw error
        }
    }

    private static func tooLarge(_ name: UploadName) -> GatewayError {
        GatewayError(
            .contentTooLarge, "too_large",
            "\(name.name) is too large; \(name.content.description) may have \(name.content.maxBytes >> 20) MiB")
    }

    /// Writes the body as it comes; the client is read only as fast as the disk takes it.
    private func write(_ body: RequestBody, to draft: UploadStore.Draft, for name: UploadName) async throws {
        var waiting = ByteBuffer()
        var size = 0
        for try await part in body {
            waiting.writeImmutableBuffer(part)
            guard size + waiting.readableBytes <= name.content.maxBytes else { throw Self.tooLarge(name) }
            guard waiting.readableBytes >= Self.blockBytes else { continue }
            size += try await flush(&waiting, to: draft, for: name, isFirst: size == 0)
        }
        guard size + waiting.readableBytes > 0 else {
            throw GatewayError.badRequest("the body is empty; send the bytes of the file")
        }
        if waiting.readableBytes > 0 { _ = try await flush(&waiting, to: draft, for: name, isFirst: size == 0) }
    }

    private func flush(
        _ waiting: inout ByteBuffer, to draft: UploadStore.Draft, for name: UploadName, isFirst: Bool
    ) async throws -> Int {
        if isFirst, !name.content.matches(waiting.readableBytesView.prefix(UploadContent.headBytes)) {
            throw GatewayError(
                .unsupportedMediaType, "wrong_type",
                "the content of \(name.name) is not \(name.content.description), as its name says; nothing was changed")
        }
        let block = Data(waiting.readableBytesView)
        waiting.clear()
        try await Self.onDisk { try draft.descriptor.write(contentsOf: block) }
        return block.count
    }

    /// Reads the game folder with the file; `nil` for files that the loader does not read.
    private func trial(_ name: UploadName, _ draft: UploadStore.Draft, _ store: UploadStore) async throws
        -> MapFileTrial?
    {
        guard [.tiledJSON, .tiledXML, .world].contains(name.content) else { return nil }
        let trial = try await Self.onDisk {
            let content = try Data(contentsOf: URL(filePath: draft.path))
            return try MapFileTrial(name.name, Array(content), in: store.directory)
        }
        try Self.refuse(trial, "\(name.path) was not taken")
        return trial
    }

    private static func refuse(_ trial: MapFileTrial, _ what: String) throws(GatewayError) {
        guard let first = trial.problems.first else { return }
        let more = trial.problems.count == 1 ? "" : " (and \(trial.problems.count - 1) more)"
        throw GatewayError(.unprocessableContent, "mistake", "\(what): \(first)\(more)")
    }

    private func answer(
        _ name: UploadName, _ before: UploadStore.Digest?, _ after: UploadStore.Digest, _ trial: MapFileTrial?,
        isDone: Bool
    ) async throws -> JSON {
        var answer: JSONObject = [
            "path": .string(name.path), "written": .bool(isDone), "file": after.json, "before": before?.json ?? .null,
        ]
        if let served = name.folder.served { answer["served"] = .string(served + Endpoint.encoded(name.name)) }
        guard let trial else { return .object(answer) }
        answer["notes"] = .array(trial.notes.map { .string($0.message) })
        if let map = trial.map { answer["map"] = map.json }
        if isDone, let reload {
            let report = await reload()
            answer["changes"] = .array(report.changes.map(JSON.string))
            answer["problems"] = .array(report.problems.map { .string("\($0)") })
        }
        return .object(answer)
    }

    // MARK: - Deleting

    private func delete(_ call: PanelCall) async throws -> Response {
        call.note.write { $0.target = "\(call.parameter("folder"))/\(call.parameter("name"))" }
        let (store, name) = try target(call)
        guard let before = try await Self.onDisk({ try store.digest(of: name) }) else {
            throw GatewayError.notFound("there is no file \(name.path)")
        }
        call.note.write { $0.before = before.json }
        if name.folder == .maps {
            let trial = try await Self.onDisk { try MapFileTrial(name.name, nil, in: store.directory) }
            try Self.refuse(trial, "\(name.path) is needed")
        }
        try await Self.onDisk { try store.delete(name) }
        var answer: JSONObject = ["path": .string(name.path)]
        if name.folder == .maps, let reload {
            answer["changes"] = .array(await reload().changes.map(JSON.string))
        }
        return Response(json: .object(answer))
    }
}
