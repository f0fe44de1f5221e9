import Storage

/// What all pages share: help, and the files of the pages.
extension Endpoint {
    /// The page of help.
    package static let helpPage = Endpoint("pages.help", .get, "/admin/help", nil, "Help")
    /// The files of the pages.
    package static let panelFile = Endpoint(
        "pages.file", .get, "/admin/files/:name", nil, "Style sheets, scripts and images of these pages")
    /// The files of third-party libraries that the pages use.
    package static let libraryFile = Endpoint(
        "pages.library", .get, "/admin/library/:name", nil,
        "Files of the libraries Chart.js and CodeMirror, where Debian's packages are installed")

    static let frame = [helpPage, panelFile, libraryFile]
}
