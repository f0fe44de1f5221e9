import Glibc
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// Serves the files of one folder: the game's own client, or its music.
///
/// Only regular files below the folder are served, also by way of links; names that begin with a dot are not. Each answer
/// carries a strong entity tag made from the content, so that an edited file is seen at the next reload.
struct StaticFiles: Sendable {
    /// Larger files are not served: each is read whole.
    static let maxBytes = 64 << 20

    let root: String
    /// The path under which the folder appears, such as `/play`.
    let base: String

    func add(to router: GatewayRouter) {
        router.endpoint(
            RouterPath(base),
            [
                .get: { request, _ in
                    guard request.uri.path.hasSuffix("/") else { return .redirect(to: base + "/", type: .permanent) }
                    return try await self.serve(request)
                }
            ])
        router.endpoint(RouterPath(base + "/**"), [.get: { request, _ in try await self.serve(request) }])
    }

    private func serve(_ request: Request) async throws -> Response {
        guard let path = Self.relativePath(request.uri.path.dropFirst(base.count)) else {
            throw GatewayError.notFound("there is no such file")
        }
        let root = root
        guard let file = try await NIOThreadPool.singleton.runIfActive({ File(root: root, path: path) }) else {
            throw GatewayError.notFound("there is no file \(path.prefix(120))")
        }
        let tag = "\"\(hex(Sodium.hash(file.bytes).prefix(16)))\""
        var headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache"]
        if matches(request.headers[.ifNoneMatch], tag) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = Self.contentType(path)
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: file.bytes)))
    }

    /// The path below the folder, or `nil` for one that could lead out of it.
    ///
    /// - Parameter encoded: What follows the base in the request, percent-encoded.
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
    static func contentType(_ path: String) -> String {
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

/// A file's content.
private struct File: Sendable {
    var bytes: [UInt8]

    /// Reads a regular file below a folder; `nil` when there is none.
    init?(root: String, path: String) {
        guard let realRoot = Self.real(root), let realFile = Self.real(root + "/" + path),
            realFile.hasPrefix(realRoot == "/" ? "/" : realRoot + "/")
        else { return nil }
        let descriptor = open(realFile, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size <= StaticFiles.maxBytes
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                return read(descriptor, rest.baseAddress, rest.count)
            }
            guard count > 0 else { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        self.bytes = bytes
    }

    private static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

extension HTTPField.Name {
    /// A constant text that is a valid name, so the fallback is never taken.
    static let xContentTypeOptions = HTTPField.Name("X-Content-Type-Options") ?? .via
}
