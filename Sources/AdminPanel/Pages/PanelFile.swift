import CPanelFiles
import Gateway
import HTTPTypes
import Hummingbird
import NIOCore

/// A style sheet, script or image of the pages.
struct PanelFile: Sendable {
    let name: String
    let content: ByteBuffer
    /// The entity tag, made from the content.
    let tag: String

    /// The files that `CPanelFiles` puts into the program when it is built, by name.
    static let all: [String: PanelFile] = {
        var files: [String: PanelFile] = [:]
        for index in 0..<panel_file_count {
            let file = panel_file_at(index)
            let name = String(cString: file.name)
            files[name] = PanelFile(name, UnsafeRawBufferPointer(start: file.bytes, count: file.size))
        }
        return files
    }()

    init(_ name: String, _ bytes: some Sequence<UInt8>) {
        self.name = name
        content = ByteBuffer(bytes: bytes)
        tag = "\"\(hex(Sodium.hash(content.readableBytesView).prefix(12)))\""
    }

    /// Answers a request for a file.
    ///
    /// - Parameters:
    ///   - call: The request, whose path has the file's name.
    ///   - files: The files that may be asked for, by name.
    /// - Returns: The file, or 304 for a browser that has it.
    /// - Throws: ``GatewayError`` with status 404.
    static func response(to call: PanelCall, from files: [String: PanelFile] = all) throws(GatewayError) -> Response {
        guard let file = files[call.parameter("name")] else { throw .notFound("the panel has no such file") }
        // Browsers ask again each time, so that a new version of the server never runs with old scripts.
        let headers: HTTPFields = [.eTag: file.tag, .cacheControl: "no-cache"]
        if call.request.headers[.ifNoneMatch] == file.tag { return Response(status: .notModified, headers: headers) }
        var response = Response(status: .ok, headers: headers, body: .init(byteBuffer: file.content))
        response.headers[.contentType] = StaticFiles.contentType(file.name)
        return response
    }
}
