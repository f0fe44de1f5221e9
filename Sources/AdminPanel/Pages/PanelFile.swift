import CPanelFiles
import Gateway
import Hummingbird

/// The style sheets, scripts and images of the pages. `CPanelFiles` puts them into the program when it is built.
enum PanelFile {
    /// All files by name.
    static let all = EmbeddedFile.table(panel_file_count, panel_file_at)

    /// Answers a request for a file.
    ///
    /// - Throws: ``GatewayError`` with status 404.
    static func response(to call: PanelCall) throws(GatewayError) -> Response {
        guard let file = all[call.parameter("name")] else { throw .notFound("the panel has no such file") }
        return file.response(to: call.request)
    }
}
