import Foundation
import Gateway
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
            "addon/dialog/dialog.js",
        ])

    /// The files of all libraries that are installed, by name. They are read once: a package that is installed or
    /// renewed while the server runs is served from its next start on.
    static let installed: [String: EmbeddedFile] = {
        var found: [String: EmbeddedFile] = [:]
        for library in [charts, editor] {
            for file in library.files {
                guard let content = FileManager.default.contents(atPath: "\(library.folder)/\(file)") else { continue }
                found[name(of: file)] = EmbeddedFile(name(of: file), content)
            }
        }
        return found
    }()

    /// The elements of a page's head that load the library; nothing for a library that is not installed.
    var markup: HTML {
        HTML(
            joining: files.map(Self.name).filter { Self.installed[$0] != nil }.map { name in
                let path = Endpoint.libraryFile.path(["name": name])
                return name.hasSuffix(".css")
                    ? "<link rel=\"stylesheet\" href=\"\(path)\">" : "<script defer src=\"\(path)\"></script>"
            })
    }

    private static func name(of file: String) -> String { String(file.split(separator: "/").last ?? "") }
}
