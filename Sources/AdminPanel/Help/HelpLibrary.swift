import CHelpFiles
import Gateway
import OperatorAPI

/// The pages of `docs/`, which `CHelpFiles` puts into the program: the help of the panel.
///
/// A page's name is its path below `docs/` without `.md`, such as `lua/reference`.
struct HelpLibrary: Sendable {
    /// A page.
    struct Document: Sendable {
        let name: String
        let title: String
        let html: HTML
        /// The parts of the page, the text below its title first.
        let sections: [MarkdownHTML.Section]

        var path: String { HelpLibrary.path(of: name) }
    }

    /// A list of pages with a title of its own: those of a folder.
    struct Group: Sendable {
        let title: String
        var documents: [Document]
    }

    /// The page that is shown first, and in the place of one that does not exist.
    static let start = "panel/start"

    /// Everything that is in the program, rendered at the first use.
    static let all = HelpLibrary(files: embedded())

    /// The pages in the order of the list.
    let documents: [Document]
    private let byName: [String: Document]
    /// Pictures and other files beside the pages, by their paths below `docs/`.
    private let files: [String: EmbeddedFile]

    /// Renders pages.
    ///
    /// - Parameter files: Paths below `docs/` with contents.
    init(files: [(path: String, content: [UInt8])]) {
        let known = Set(files.map(\.path))
        documents = files.filter { $0.path.hasSuffix(".md") }.map { file in
            let page = MarkdownHTML(String(decoding: file.content, as: UTF8.self)) { target in
                Self.resolve(target, on: file.path, known: known)
            }
            return Document(
                name: String(file.path.dropLast(3)), title: page.title, html: page.html, sections: page.sections)
        }
        byName = Dictionary(documents.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.files = Dictionary(
            files.filter { !$0.path.hasSuffix(".md") }.map { ($0.path, EmbeddedFile($0.path, $0.content)) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func embedded() -> [(path: String, content: [UInt8])] {
        (0..<help_file_count).map { index in
            let file = help_file_at(index)
            return (
                String(cString: file.path), Array(UnsafeRawBufferPointer(start: file.bytes, count: file.size))
            )
        }
    }

    /// The page with a name.
    subscript(name: String) -> Document? { byName[name] }

    /// The file at a path below `docs/`.
    func file(_ path: String) -> EmbeddedFile? { files[path] }

    /// The pages by folder, those of the panel first.
    var groups: [Group] {
        var groups: [Group] = []
        for document in documents {
            let title = Self.group(of: document.name)
            if let index = groups.firstIndex(where: { $0.title == title }) {
                groups[index].documents.append(document)
            } else {
                groups.append(Group(title: title, documents: [document]))
            }
        }
        return groups
    }

    /// What the list calls the pages of a folder.
    static func group(of name: String) -> String {
        if name.hasPrefix("panel/") { return "The panel" }
        return name.hasPrefix("lua/") ? "Games in Lua" : "The server"
    }

    /// The address of the help for a page of the panel.
    ///
    /// - Parameter help: The name of a page below `docs/panel/`, such as `maps` or `operators#sessions`, or of any page
    ///   with its folder, such as `lua/reference`.
    /// - Returns: The page's address; that of the first page when there is no such page.
    func path(forHelp help: String) -> String {
        let parts = help.split(separator: "#", maxSplits: 1)
        let given = parts.first.map(String.init) ?? ""
        let name = given.contains("/") ? given : "panel/\(given)"
        guard byName[name] != nil else { return Self.path(of: Self.start) }
        return Self.path(of: name) + (parts.count > 1 ? "#\(parts[1])" : "")
    }

    // MARK: Links

    /// The address of a page or file below `docs/`.
    static func path(of name: String) -> String {
        let parts = name.split(separator: "/").map(String.init)
        return parts.count == 2
            ? Endpoint.helpPart.path(["name": parts[0], "part": parts[1]]) : Endpoint.helpDocument.path(["name": name])
    }

    /// Says where a link of a page leads: to other sites only by `http` and `https`, and to files only when the help
    /// has them.
    private static func resolve(_ target: String, on page: String, known: Set<String>) -> MarkdownHTML.Target {
        if target.hasPrefix("https://") || target.hasPrefix("http://") { return .address(target) }
        if target.hasPrefix("#") { return .address("#" + Endpoint.encoded(String(target.dropFirst()))) }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        var folder = page.split(separator: "/").dropLast().map(String.init)
        for step in parts[0].split(separator: "/") {
            switch step {
            case ".": break
            case "..":
                guard folder.popLast() != nil else { return .nothing }
            default: folder.append(String(step))
            }
        }
        let path = folder.joined(separator: "/")
        guard !target.hasPrefix("/"), known.contains(path) else { return .nothing }
        let fragment = parts.count > 1 ? "#" + Endpoint.encoded(String(parts[1])) : ""
        return .address(Self.path(of: path.hasSuffix(".md") ? String(path.dropLast(3)) : path) + fragment)
    }
}
