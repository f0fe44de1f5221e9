import Storage

/// What all pages share: help, and the files of the pages.
extension Endpoint {
    /// The first page of the help, and what a search in it found.
    package static let helpPage = Endpoint(
        "pages.help", .get, "/admin/help", nil, "The help; query: `q`, words to search for")
    /// A page of the help.
    package static let helpDocument = Endpoint(
        "pages.help.document", .get, "/admin/help/:name", nil, "A page of the help, such as `protocol`")
    /// A page of the help that is in a folder, or a picture.
    package static let helpPart = Endpoint(
        "pages.help.part", .get, "/admin/help/:name/:part", nil,
        "A page of the help in a folder, such as `lua/reference`, or a picture of one")
    /// The files of the pages.
    package static let panelFile = Endpoint(
        "pages.file", .get, "/admin/files/:name", nil, "Style sheets, scripts and images of these pages")
    /// The files of third-party libraries that the pages use.
    package static let libraryFile = Endpoint(
        "pages.library", .get, "/admin/library/:name", nil,
        "Files of the libraries Chart.js and CodeMirror, where Debian's packages are installed")

    static let frame = [helpPage, helpDocument, helpPart, panelFile, libraryFile]
}
