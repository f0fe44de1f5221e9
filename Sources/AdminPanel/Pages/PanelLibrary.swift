import Foundation
import Gateway
import HTTPTypes
import Hummingbird
import NIOCore
import OperatorAPI

/// A library for browsers that Debian packages: scripts and style sheets of it that pages load, in this order.
///
/// The files are served from where the package puts them, and only those that this table names. A page without them,
/// because the package is not installed, shows a plain text area or a table instead.
struct PanelLibrary: Sendable, Equatable {
    /// The folder of the package.
    private let folder: String
    /// The files below the folder; their names in requests are their last parts, which all differ.
    private let files: [String]

    /// Charts, by `libjs-chart.js`; scripts find it as `Chart`.
    static let charts = PanelLibrary(folder: "/usr/share/javascript/chart.js", files: ["chart.min.js"])

    /// An editor for code, by `libjs-codemirror`; scripts find it as `CodeMirror`.
    static let editor = PanelLibrary(
        folder: "/usr/share/javascript/codemirror",
        files: [
            "lib/codemirror.css", "lib/codemirror.js", "mode/lua/lua.js", "mode/yaml/yaml.js",
            "mode/javascript/javascript.js", "addon/edit/matchbrackets.js", "addon/edit/closebrackets.js",
            "addon/comment/comment.js", "addon/hint/show-hint.css", "addon/hint/show-hint.js", "addon/lint/lint.css",
            "addon/lint/lint.js", "addon/search/search.js", "addon/search/searchcursor.js", "addon/dialog/dialog.css",
            "addon/dialog/dialog.js", "addon/merge/merge.css", "addon/merge/merge.js",
        ])

    private static let all = [charts, editor]

    /// The elements of a page's head that load the library; nothing for a library that is not installed.
    var markup: HTML {
        HTML(
            joining: files.filter { FileManager.default.isReadableFile(atPath: "\(folder)/\($0)") }.map { file in
                let path = Endpoint.libraryFile.path(["name": Self.name(of: file)])
                return file.hasSuffix(".css")
                    ? "<link rel=\"stylesheet\" href=\"\(path)\">" : "<script defer src=\"\(path)\"></script>"
            })
    }

    private static func name(of file: String) -> String { String(file.split(separator: "/").last ?? "") }

    /// Answers a request for a file.
    ///
    /// - Throws: ``GatewayError`` with status 404.
    static func response(to call: PanelCall) throws(GatewayError) -> Response {
        let name = call.parameter("name")
        for library in all {
            guard let file = library.files.first(where: { Self.name(of: $0) == name }) else { continue }
            guard let content = FileManager.default.contents(atPath: "\(library.folder)/\(file)") else { break }
            let tag = "\"\(hex(Sodium.hash(content).prefix(12)))\""
            // A day: the files change only when an operator installs another version of the package.
            let headers: HTTPFields = [.eTag: tag, .cacheControl: "max-age=86400"]
            if call.request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
            var response = Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: content)))
            response.headers[.contentType] = StaticFiles.contentType(name)
            return response
        }
        throw .notFound("no library of the panel has the file \(name.prefix(80))")
    }
}
