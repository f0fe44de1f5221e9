import GameFolder
import OperatorAPI
import Storage
import World

/// The page of the editor: the tree of files, and one file with its form, findings and versions.
///
/// The text itself comes by the API, because HTML can't hold all characters that a text may have.
struct EditorPage {
    /// The role of the operator who reads the page.
    let role: OperatorRole
    var entries: [EditableFolder.Entry] = []
    /// The paths of files that are gone and of which there are versions.
    var deleted: [String] = []
    /// The file that is open; `nil` for none.
    var file: EditablePath?
    /// The line to show and mark.
    var line: Int?
    /// Whether the open file is one of ``deleted``.
    var isDeleted = false
    /// What the open file begins with when it does not exist yet.
    var newText: String?
    /// Why the file can't be opened.
    var problem: String?

    /// The page of a server without a game folder.
    static let withoutFolder = Page(
        title: "Editor", section: .editor,
        content: "<p class=\"empty\">This server has no game folder that could be edited.</p>")

    var page: Page {
        Page(
            title: "Editor", section: .editor, module: "editor.js", style: "editor.css", libraries: [.editor],
            content: """
                <div class="editor\(raw: file == nil ? "" : " has-file")">\(raw: tree)
                <div class="work">\(raw: problem.map { "<p class=\"notice bad\">\($0)</p>" } ?? "")\
                \(raw: problem == nil ? (file.map(work) ?? Self.start) : "")</div></div>
                \(raw: mayChange ? EditorDialogs.newFile : "")
                """)
    }

    private static let start: HTML = """
        <section class="card empty-work"><p class="empty">Choose a file.</p>
        <p class="hint">A script's folder and name say what it is for: <code>components/hp.lua</code> declares the component
        hp, <code>events/move/to.lua</code> the event move/to. A saved file is used by the running game at once.</p></section>
        """

    private var mayChange: Bool { role >= .editor }
    /// Whether the operator may not change the open file.
    var isReadOnly: Bool { !mayChange || file?.isServed == true && role < .owner }

    // MARK: - The tree

    private var tree: HTML {
        let new: HTML = mayChange ? "<button data-dialog=\"new-file\">New file</button>" : ""
        let gone = deleted.map { path -> HTML in
            "<li><a class=\"gone\" href=\"\(Self.address(path))\"\(raw: current(path))>\(path)</a></li>"
        }
        let goneList: HTML =
            gone.isEmpty
            ? "" : "<details class=\"deleted\"><summary>Deleted</summary><ul>\(raw: HTML(joining: gone))</ul></details>"
        let list: HTML =
            entries.isEmpty
            ? "<p class=\"empty\">The game folder has no texts yet.</p>"
            : "<ul>\(raw: branch(entries.map { ($0.path.parts[...], $0.path.text) }))</ul>"
        return """
            <button id="show-files" class="quiet" aria-expanded="false" aria-controls="files">Files</button>
            <aside id="files" class="card files" aria-label="Files">
            <div class="files-head"><label>Find a file<input id="filter" type="search" autocomplete="off" spellcheck="false"></label>
            \(raw: new)</div>
            <nav class="tree" aria-label="Files of the game folder">\(raw: list)\(raw: goneList)
            <p id="no-match" class="empty" hidden>No file has that in its path.</p></nav></aside>
            """
    }

    private func current(_ path: String) -> HTML { path == file?.text ? " aria-current=\"page\"" : "" }

    static func address(_ path: String) -> String { "/admin/editor?file=\(Endpoint.encoded(path))" }

    /// The items of a folder: first the folders in it, then its files.
    private func branch(_ paths: [(rest: ArraySlice<String>, text: String)]) -> HTML {
        var folders: [(name: String, paths: [(rest: ArraySlice<String>, text: String)])] = []
        var files: [HTML] = []
        for path in paths {
            guard let name = path.rest.first else { continue }
            if path.rest.count == 1 {
                files.append(
                    "<li><a href=\"\(Self.address(path.text))\" data-path=\"\(path.text)\"\(raw: current(path.text))>\(name)</a></li>"
                )
            } else if let last = folders.indices.last, folders[last].name == name {
                folders[last].paths.append((path.rest.dropFirst(), path.text))
            } else {
                folders.append((name, [(path.rest.dropFirst(), path.text)]))
            }
        }
        let items = folders.map { folder -> HTML in
            let isOpen = folder.paths.contains { $0.text == file?.text }
            return """
                <li><details\(raw: isOpen ? " open" : "")><summary>\(folder.name)<span aria-hidden="true">/</span></summary>\
                <ul>\(raw: branch(folder.paths))</ul></details></li>
                """
        }
        return HTML(joining: items + files)
    }

    // MARK: - The file

    private func work(_ file: EditablePath) -> HTML {
        let new: HTML = newText.map { " data-new=\"\($0)\"" } ?? ""
        let mark: HTML = line.map { " data-line=\"\($0)\"" } ?? ""
        let form = file.role.map { EditorForms.form(for: $0, isReadOnly: isReadOnly) } ?? ""
        let mistake: HTML = file.mistake.map { "<p class=\"notice\">\(file.text): \($0)</p>" } ?? ""
        return """
            <section id="editor" data-file="\(file.text)"\(raw: new)\(raw: mark)\
            \(raw: isReadOnly ? " data-read-only" : "")\(raw: isDeleted ? " data-deleted" : "")>
            <div class="file-head"><h2>\(file.text)</h2><span id="state" role="status">Loading …</span>
            \(raw: actions(file))</div>
            \(raw: mistake)\(raw: notes(file))<p id="problem" class="problem" role="alert"></p>
            <section id="merge" class="card" aria-label="Both texts" hidden></section>
            \(raw: form)
            <div class="code"><label for="text">Text</label><textarea id="text" spellcheck="false" autocapitalize="off" \
            autocomplete="off" wrap="off" disabled></textarea></div>
            <section id="result" class="card" aria-live="polite" hidden></section>
            <section class="card findings" aria-label="Check"><h2>Check</h2><div id="findings" aria-live="polite">\
            <p class="empty">\(isReadOnly ? "Only editors can check a text." : "Not checked yet.")</p></div></section>
            <details id="history" class="card history"\(raw: isDeleted ? " open" : "")><summary>Versions</summary>\
            <div id="versions"><p class="empty">Loading …</p></div></details>
            </section>\(raw: isReadOnly || isDeleted ? "" : EditorDialogs.rename(file))
            """
    }

    private func notes(_ file: EditablePath) -> HTML {
        var notes: [HTML] = []
        if isDeleted { notes.append("<p class=\"notice\">This file was deleted. Its versions are below.</p>") }
        if newText != nil { notes.append("<p class=\"notice\">A new file; it is made when you save it.</p>") }
        if mayChange, isReadOnly, file.isServed {
            notes.append(
                "<p class=\"notice\">This file is sent to browsers, where it could act for an operator who plays. Only an owner can change it.</p>"
            )
        }
        return HTML(joining: notes)
    }

    private func actions(_ file: EditablePath) -> HTML {
        if isDeleted { return "" }
        guard !isReadOnly else { return "<span class=\"tag\">read only</span>" }
        return """
            <span class="actions"><button id="save" disabled>Save</button>\
            <button id="test" class="quiet" disabled>Save and test</button>\
            <button id="rename" class="quiet" data-dialog="rename-file" disabled>Rename</button>\
            <button id="delete" class="quiet danger" disabled>Delete</button></span>
            """
    }
}
