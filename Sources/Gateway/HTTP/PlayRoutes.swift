import CPanelFiles
import Glibc
import HTTPTypes
import Hummingbird
import NIOPosix

/// `/play/`: the game's own client, the folder `client/`. A game without one has the built-in viewer there, so that it
/// can be played before a client exists.
///
/// The folder is looked for at each request, so a client that is added later needs only a reload of the page.
struct PlayRoutes: Sendable {
    static let base = "/play"
    /// Everything that the viewer loads comes from this server; a connection may lead to the port of a map. The panel
    /// shows the viewer in a frame.
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' ws: wss:; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    /// The files of the viewer by name.
    static let viewer = EmbeddedFile.table(viewer_file_count, viewer_file_at)

    /// The game's own client.
    let client: StaticFiles

    init(clientDirectory: String) { client = StaticFiles(root: clientDirectory, base: Self.base) }

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        router.endpoint(RouterPath(Self.base), [.get: { try await self.answer($0, $1) }])
        router.endpoint(RouterPath(Self.base + "/**"), [.get: { try await self.answer($0, $1) }])
    }

    private func answer(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        let path = request.uri.path
        guard path.dropFirst(Self.base.count).hasPrefix("/") else {
            return .redirect(to: Self.base + "/", type: .temporary)
        }
        let root = client.root
        if try await NIOThreadPool.singleton.runIfActive({ Self.isFolder(root) }) {
            return try await client.serve(request, context)
        }
        let name = path.dropFirst(Self.base.count + 1)
        guard let file = Self.viewer[name.isEmpty ? "index.html" : String(name)] else {
            throw GatewayError.notFound(
                "there is no file \(name.prefix(120)): the game has no folder client/, so /play/ is the built-in viewer"
            )
        }
        var response = file.response(to: request)
        response.headers[.contentSecurityPolicy] = Self.policy
        return response
    }

    private static func isFolder(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
    }
}
