import OperatorAPI
import Simulation
import Storage

/// The page of files that operators upload: maps, music and images.
enum FilesPage {
    /// The page.
    ///
    /// - Parameters:
    ///   - folders: The folders with their files; none for a server without a game folder.
    ///   - maps: The maps that run.
    ///   - caller: The operator who reads the page.
    /// - Returns: The page.
    static func page(_ folders: [FilesAnswer.Folder], maps: [MapStatus], for caller: Caller) -> Page {
        let none: HTML = "<p class=\"empty\">This server has no game folder.</p>"
        let sections = folders.map { section($0, maps, mayChange: caller.role >= .editor) }
        return Page(
            title: "Files", section: .files, module: "files.js", style: "files.css",
            content: """
                \(raw: folders.isEmpty ? none : HTML(joining: sections))
                <dialog id="preview" aria-labelledby="preview-title"><h2 id="preview-title"></h2>
                <div class="stage"></div><p class="hint facts"></p><ul class="notes"></ul>
                <p class="problem" role="alert"></p>
                <div class="buttons"><button class="take" hidden>Upload</button><button class="quiet" data-close>Close</button></div>
                </dialog>
                """)
    }

    private static func title(_ folder: FilesAnswer.Folder) -> String {
        switch UploadFolder(rawValue: folder.name) {
        case .maps: "Maps"
        case .music: "Music"
        case .images, nil: "Images"
        }
    }

    private static func section(_ folder: FilesAnswer.Folder, _ maps: [MapStatus], mayChange: Bool) -> HTML {
        let rows = folder.files.map { row($0, in: folder, maps, mayChange: mayChange) }
        let empty: HTML = "<p class=\"empty\">There is no file in <code>\(folder.path)/</code> yet.</p>"
        let table: HTML = """
            <table class="stacks"><thead><tr><th>Name</th><th>Size</th><th>Changed</th><th></th></tr></thead>
            <tbody>\(raw: HTML(joining: rows))</tbody></table>
            """
        return """
            <section class="card files" data-folder="\(folder.name)" data-max="\(folder.maxBytes)"><h2>\(title(folder)) <small>\(folder.path)/</small></h2>
            \(raw: folder.files.isEmpty ? empty : table)
            \(raw: mayChange ? upload(folder) : "")</section>
            """
    }

    private static func upload(_ folder: FilesAnswer.Folder) -> HTML {
        if let reason = folder.closed { return "<p class=\"hint\">Nothing can be uploaded here: \(reason).</p>" }
        let endings = folder.endings.map { ".\($0)" }
        let hint =
            switch UploadFolder(rawValue: folder.name) {
            case .maps:
                "Maps are read before they replace anything: ID-NAME.tmj, with tilesets, templates, a world and pictures."
            case .music: "Players get them under /music/."
            case .images, nil: "Players get them under /play/images/."
            }
        return """
            <label class="drop"><span><b>Choose files</b> or drop them here</span>
            <input type="file" multiple accept="\(endings.joined(separator: ","))"></label>
            <p class="hint">\(hint) Endings: \(endings.joined(separator: ", ")); at most \(folder.maxBytes >> 20) MiB.</p>
            <progress max="1" value="0" hidden aria-label="Upload"></progress>
            <p class="problem" role="alert"></p><p class="done" role="status"></p>
            """
    }

    private static func row(
        _ file: FilesAnswer.File, in folder: FilesAnswer.Folder, _ maps: [MapStatus], mayChange: Bool
    ) -> HTML {
        let path = Endpoint.deleteUpload.path(["folder": folder.name, "name": file.name])
        let delete: HTML = """
            <button class="quiet danger" data-call="DELETE \(path)" data-then="reload"
            data-confirm="Delete \(folder.path)/\(file.name)? \(folder.name == "maps" ? "A map whose file is deleted closes." : "")"
            aria-label="Delete \(file.name)">Delete</button>
            """
        return """
            <tr data-name="\(file.name)"><td data-label="Name">\(raw: name(file, in: folder))</td>
            <td data-label="Size">\(Figures.bytes(Double(file.size)))</td><td data-label="Changed">\(raw: .time(file.changed))</td>
            <td class="actions">\(raw: show(file, in: folder, maps))\(raw: mayChange ? delete : "")</td></tr>
            """
    }

    private static func name(_ file: FilesAnswer.File, in folder: FilesAnswer.Folder) -> HTML {
        guard let served = folder.served else { return "<span>\(file.name)</span>" }
        return "<a href=\"\(served)\(Endpoint.encoded(file.name))\">\(file.name)</a>"
    }

    /// How a file can be looked at or listened to.
    private static func show(_ file: FilesAnswer.File, in folder: FilesAnswer.Folder, _ maps: [MapStatus]) -> HTML {
        guard let served = folder.served else {
            let digits = file.name.prefix { $0.isNumber }
            guard file.name.hasSuffix(".tmj"), let map = maps.first(where: { "\($0.mapID)" == digits }) else {
                return ""
            }
            return "<button class=\"quiet\" data-map=\"\(map.mapID)\" aria-label=\"Show \(file.name)\">Show</button>"
        }
        let source = served + Endpoint.encoded(file.name)
        return folder.name == "music"
            ? "<audio controls preload=\"none\" src=\"\(source)\" aria-label=\"\(file.name)\"></audio>"
            : "<button class=\"quiet\" data-image=\"\(source)\" aria-label=\"Show \(file.name)\">Show</button>"
    }
}
