import CPanelFiles
import Gateway
import Hummingbird

/// The style sheets, scripts and images of the pages.
enum PanelFile {
    /// The files that `CPanelFiles` puts into the program when it is built, by name.
    static let all = EmbeddedFile.table(panel_file_count, panel_file_at)

    /// Answers a request for a file.
    ///
    /// - Parameters:
    ///   - call: The request, whose path has the file's name.
    ///   - files: The files that may be asked for, by name.
    /// - Returns: The file, or 304 for a browser that has it.
    /// - Throws: ``GatewayError`` with status 404.
    static func response(
        to call: PanelCall, from files: [String: EmbeddedFile] = all
    ) throws(GatewayError) -> Response {
        guard let file = files[call.parameter("name")] else { throw .notFound("the panel has no such file") }
        return file.response(to: call.request)
    }
}
