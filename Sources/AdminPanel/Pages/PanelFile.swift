import CPanelFiles
import Gateway
import HTTPTypes
import Hummingbird
import NIOCore

/// A style sheet, script or image of the pages. `CPanelFiles` puts the files into the program when it is built.
struct PanelFile: Sendable {
    let name: String
    let content: ByteBuffer
    /// The entity tag, made from the content.
    let tag: String

    /// All files by name.
    static let all: [String: PanelFile] = {
        var files: [String: PanelFile] = [:]
        for index in 0..<panel_file_count {
            let file = panel_file_at(index)
            let content = ByteBuffer(bytes: UnsafeRawBufferPointer(start: file.bytes, count: file.size))
            let name = String(cString: file.name)
            files[name] = PanelFile(
                name: name, content: content, tag: "\"\(hex(Sodium.hash(content.readableBytesView).prefix(12)))\"")
        }
        return files
    }()

    /// Answers a request for a file.
    ///
    /// - Throws: ``GatewayError`` with status 404.
    static func response(to call: PanelCall) throws(GatewayError) -> Response {
        guard let file = all[call.parameter("name")] else { throw .notFound("the panel has no such file") }
        // Browsers ask again each time, so that a new version of the server never runs with old scripts.
        let headers: HTTPFields = [.eTag: file.tag, .cacheControl: "no-cache"]
        if call.request.headers[.ifNoneMatch] == file.tag { return Response(status: .notModified, headers: headers) }
        var response = Response(status: .ok, headers: headers, body: .init(byteBuffer: file.content))
        response.headers[.contentType] = StaticFiles.contentType(file.name)
        return response
    }
}
