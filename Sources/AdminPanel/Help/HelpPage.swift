import OperatorAPI

/// The pages of the help: the list of all pages at the left, the sections of the shown one at the right.
struct HelpPage {
    let library: HelpLibrary

    /// A page.
    ///
    /// - Parameter document: The page.
    /// - Returns: The page with the frame of the panel.
    func page(_ document: HelpLibrary.Document) -> Page {
        let headings = document.sections.compactMap(\.heading)
        let contents: HTML =
            headings.count < 2
            ? ""
            : """
            <nav id="contents" class="contents" aria-label="On this page"><h2>On this page</h2>
            <ul>\(raw: HTML(joining: headings.map(Self.entry)))</ul></nav>
            """
        return frame(
            title: document.title, shown: document, contents: contents,
            "<article class=\"card prose\">\(raw: document.html)</article>")
    }

    private static func entry(_ heading: MarkdownHTML.Heading) -> HTML {
        "<li class=\"level-\(heading.level)\"><a href=\"#\(Endpoint.encoded(heading.id))\">\(heading.text)</a></li>\n"
    }

    /// What was found.
    ///
    /// - Parameters:
    ///   - results: The sections, the best first.
    ///   - query: What was typed.
    /// - Returns: The page with the frame of the panel.
    func page(_ results: [HelpSearch.Result], for query: String) -> Page {
        let query = String(query.prefix(HelpSearch.maxCharacters))
        let count = results.count == HelpSearch.maxResults ? "The first \(results.count)" : "\(results.count)"
        let content: HTML =
            results.isEmpty
            ? """
            <p class="empty" role="status">Nothing in the help has all of these words: <b>\(query)</b>. Try fewer words, or
            a part of a word.</p>
            """
            : """
            <p class="hint" role="status">\(count) \(results.count == 1 ? "section" : "sections") for <b>\(query)</b></p>
            <ol class="results">\(raw: HTML(joining: results.map(Self.result)))</ol>
            """
        return frame(title: "Search the help", query: query, content)
    }

    private static func result(_ result: HelpSearch.Result) -> HTML {
        let excerpt = result.excerpt.enumerated().map { index, piece -> HTML in
            index.isMultiple(of: 2) ? "\(piece)" : "<mark>\(piece)</mark>"
        }
        let place = ([HelpLibrary.group(of: result.document.name)] + result.headings.dropLast()).joined(
            separator: " › ")
        return """
            <li class="card"><h2><a href="\(result.path)">\(result.headings.last ?? "")</a></h2>
            <p class="hint">\(place)</p><p>\(raw: HTML(joining: excerpt))</p></li>

            """
    }

    /// The answer to a request for a page that does not exist.
    ///
    /// - Parameter name: The name that was asked for.
    /// - Returns: The page with the frame of the panel.
    func missing(_ name: String) -> Page {
        frame(
            title: "No such page",
            """
            <p class="notice bad">The help has no page <b>\(String(name.prefix(80)))</b>. Search for it above, or choose a
            page from the list.</p>
            """)
    }

    // MARK: The frame

    private func frame(
        title: String, shown: HelpLibrary.Document? = nil, query: String = "", contents: HTML = "", _ content: HTML
    ) -> Page {
        let groups = library.groups.map { group -> HTML in
            let links = group.documents.map { document -> HTML in
                let mark: HTML = document.name == shown?.name ? " aria-current=\"page\"" : ""
                return "<li><a href=\"\(document.path)\"\(raw: mark)>\(document.title)</a></li>\n"
            }
            return "<h2>\(group.title)</h2><ul>\(raw: HTML(joining: links))</ul>\n"
        }
        let contentsButton: HTML = contents.text.isEmpty ? "" : Self.toggle("On this page", of: "contents")
        return Page(
            title: title, help: shown?.name ?? "start", module: "help.js", style: "help.css",
            content: """
                <form class="search" role="search" action="\(Endpoint.helpPage.path)">
                <input type="search" name="q" value="\(query)" maxlength="\(HelpSearch.maxCharacters)"
                aria-label="Search the help" placeholder="Search the help" autocomplete="off"><button>Search</button></form>
                <div class="toggles">\(raw: Self.toggle("All pages", of: "documents"))\(raw: contentsButton)</div>
                <div class="help-page"><nav id="documents" class="documents" aria-label="Pages of the help">
                \(raw: HTML(joining: groups))</nav>
                \(raw: contents)<div class="shown">\(raw: content)</div></div>
                """)
    }

    private static func toggle(_ text: String, of list: String) -> HTML {
        "<button class=\"quiet\" type=\"button\" aria-expanded=\"false\" aria-controls=\"\(list)\">\(text)</button>"
    }
}
