package import CPanelFiles
import HTTPTypes
package import Hummingbird
import NIOCore

/// A file of the panel's pages, of its help or of the built-in viewer, from memory: most were put into the program when
/// it was built.
package struct EmbeddedFile: Sendable {
    /// Its name, which decides its media type.
    package let name: String
    let content: ByteBuffer
    /// The entity tag, made from the content.
    private let tag: String

    /// Reads a table of files.
    ///
    /// - Parameters:
    ///   - count: How many there are.
    ///   - row: The file with an index below that.
    /// - Returns: The files by their names.
    package static func table(_ count: CInt, _ row: (CInt) -> panel_file) -> [String: EmbeddedFile] {
        var files: [String: EmbeddedFile] = [:]
        for index in 0..<count {
            let file = row(index)
            let name = String(cString: file.name)
            files[name] = EmbeddedFile(name, UnsafeRawBufferPointer(start: file.bytes, count: file.size))
        }
        return files
    }

    /// Makes a file.
    ///
    /// - Parameters:
    ///   - name: Its name, which decides its media type.
    ///   - bytes: Its content.
    package init(_ name: String, _ bytes: some Sequence<UInt8>) {
        self.name = name
        content = ByteBuffer(bytes: bytes)
        tag = "\"\(hex(Sodium.hash(content.readableBytesView).prefix(12)))\""
    }

    /// Answers a request for the file.
    ///
    /// - Parameter request: The request.
    /// - Returns: The content; status 304 for a browser that has it.
    package func response(to request: Request) -> Response {
        // Browsers ask again each time, so that a new version of the server never runs with old scripts.
        let headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache"]
        if request.knows(tag) { return Response(status: .notModified, headers: headers) }
        var response = Response(status: .ok, headers: headers, body: .init(byteBuffer: content))
        response.headers[.contentType] = StaticFiles.contentType(name)
        response.headers[.xContentTypeOptions] = "nosniff"
        return response
    }
}
