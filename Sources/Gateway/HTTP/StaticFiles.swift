import HTTPTypes
import Hummingbird
import NIOPosix
import Transport

/// Serves the files of one folder: the game's own client, or its music.
///
/// Only regular files below the folder are served, also through links whose target is below the folder; names that
/// begin with a dot are not served. Each answer has a strong entity tag made from the content, so that the browser gets
/// an edited file at its next reload. A request may ask for a part, see ``ByteRange``: so browsers seek in music. A
/// file is read only as fast as the client reads, see ``StreamedBody``.
package struct StaticFiles: Sendable {
    let root: String
    /// The path under which the folder appears, such as `/play`.
    let base: String
    private let tags = FileTags()

    init(root: String, base: String) {
        self.root = root
        self.base = base
    }

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        router.endpoint(
            RouterPath(base),
            [
                .get: { request, context in
                    guard request.uri.path.hasSuffix("/") else { return .redirect(to: base + "/", type: .permanent) }
                    return try await self.serve(request, context)
                }
            ])
        router.endpoint(RouterPath(base + "/**"), [.get: { try await self.serve($0, $1) }])
    }

    func serve(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        guard let path = Self.relativePath(request.uri.path.dropFirst(base.count)) else {
            throw GatewayError.notFound("there is no such file")
        }
        let (root, tags) = (root, tags)
        let found = try await NIOThreadPool.singleton.runIfActive {
            ServedFile(root: root, path: path).flatMap { file in tags.tag(of: file).map { (file, $0) } }
        }
        guard let (file, tag) = found else { throw GatewayError.notFound("there is no file \(path.prefix(120))") }
        var headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache", .acceptRanges: "bytes"]
        if request.knows(tag) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = Self.contentType(path)
        headers[.xContentTypeOptions] = "nosniff"
        switch ByteRange(request, tag: tag, size: file.size) {
        case .whole:
            return Response(
                status: .ok, headers: headers, body: StreamedBody.of(file, 0..<file.size, on: context.eventLoop))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.size)"
            return Response(
                status: .partialContent, headers: headers,
                body: StreamedBody.of(file, range, on: context.eventLoop))
        case .unsatisfiable:
            var refusal = Response(
                GatewayError(
                    .rangeNotSatisfiable, "bad_range", "the file has \(file.size) bytes; ask for some of these"))
            refusal.headers[.contentRange] = "bytes */\(file.size)"
            return refusal
        }
    }

    /// The path below the folder, or `nil` for a path that could lead out of it.
    ///
    /// - Parameter encoded: The part of the request's path after the base, percent-encoded.
    /// - Returns: A path without `.`, `..` or hidden names; a folder stands for its `index.html`.
    static func relativePath(_ encoded: some StringProtocol) -> String? {
        guard let bytes = percentDecoded(encoded, plusIsSpace: false),
            let path = String(validating: bytes, as: UTF8.self)
        else { return nil }
        var components = path.split(separator: "/", omittingEmptySubsequences: true)
        for component in components
        where component.hasPrefix(".") || component.contains("\\") || component.contains("\0") {
            return nil
        }
        if path.isEmpty || path.hasSuffix("/") { components.append("index.html") }
        return components.joined(separator: "/")
    }

    /// The media type by a file's name.
    ///
    /// - Parameter path: The file.
    /// - Returns: The type, `application/octet-stream` for an unknown name.
    package static func contentType(_ path: String) -> String {
        switch path.split(separator: ".").last?.lowercased() {
        case "html", "htm": "text/html; charset=utf-8"
        case "js", "mjs": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "json", "map", "tmj": "application/json"
        case "txt", "md", "lua": "text/plain; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        case "gif": "image/gif"
        case "webp": "image/webp"
        case "ico": "image/x-icon"
        case "mp3": "audio/mpeg"
        case "ogg", "oga": "audio/ogg"
        case "wav": "audio/wav"
        case "m4a": "audio/mp4"
        case "woff2": "font/woff2"
        case "woff": "font/woff"
        case "ttf": "font/ttf"
        case "wasm": "application/wasm"
        case "webmanifest": "application/manifest+json"
        default: "application/octet-stream"
        }
    }
}
