import LuaSyntax

/// Makes a page's HTML from its Markdown. HTML in the text is not taken over, except for `<details>` with its
/// `<summary>`; comments are left out, and everything else is shown as text.
struct MarkdownHTML {
    /// Where a link or an image leads.
    enum Target: Equatable {
        /// An address of this server or of another one.
        case address(String)
        /// Nowhere that the help could show: only the text stays.
        case nothing
    }

    /// A heading below the title.
    struct Heading: Equatable, Sendable {
        /// From 2 to 6.
        var level: Int
        /// The element's id, the same as GitHub makes.
        var id: String
        /// The text without markup.
        var text: String
    }

    /// A heading with the text below it, up to the next heading.
    struct Section: Sendable {
        /// `nil` for the text directly below the title.
        var heading: Heading?
        private(set) var text = ""

        init(heading: Heading? = nil) { self.heading = heading }

        fileprivate mutating func add(_ block: String) { text += text.isEmpty ? block : " " + block }
    }

    /// The heading of level 1.
    private(set) var title = ""
    /// The content below the title.
    private(set) var html: HTML = ""
    private(set) var sections = [Section()]

    private let resolve: (String) -> Target
    /// How often each id was wanted.
    private var ids: [String: Int] = [:]
    /// How many `<details>` are open.
    private var openDetails = 0

    var headings: [Heading] { sections.compactMap(\.heading) }

    /// Renders a text.
    ///
    /// - Parameters:
    ///   - source: The Markdown.
    ///   - resolve: Says where a link or an image leads that the text writes in this way.
    init(_ source: String, resolve: @escaping (String) -> Target) {
        self.resolve = resolve
        var pieces: [HTML] = []
        for node in MarkdownNode.parse(source).children {
            if case .heading(let level) = node.kind {
                let id = newID(node.plainText)
                guard level > 1 else {
                    title = node.plainText
                    continue
                }
                sections.append(Section(heading: Heading(level: level, id: id, text: node.plainText)))
                pieces.append("<h\(level) id=\"\(id)\">\(raw: inline(node))</h\(level)>\n")
            } else {
                let text = node.plainText
                if !text.isEmpty {
                    sections[sections.count - 1].add(text)
                }
                pieces.append(block(node))
            }
        }
        while openDetails > 0 { pieces.append(close()) }
        html = HTML(joining: pieces)
    }

    /// The id that GitHub gives a heading: small letters, digits, `_` and `-`, with `-` for a space; a repeated one
    /// gets a number.
    private mutating func newID(_ text: String) -> String {
        let kept = text.lowercased().filter { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == " " }
        let id = kept.replacing(" ", with: "-")
        let count = ids[id, default: 0]
        ids[id] = count + 1
        return count == 0 ? id : "\(id)-\(count)"
    }

    // MARK: Blocks

    private mutating func blocks(_ node: MarkdownNode) -> HTML { HTML(joining: node.children.map { block($0) }) }

    private mutating func block(_ node: MarkdownNode) -> HTML {
        switch node.kind {
        case .paragraph: return "<p>\(raw: inline(node))</p>\n"
        case .blockQuote: return "<blockquote>\(raw: blocks(node))</blockquote>\n"
        case .thematicBreak: return "<hr>\n"
        // Only headings directly in the document are sections; one in a list or a quote is a line of its own.
        case .heading: return "<p><strong>\(raw: inline(node))</strong></p>\n"
        case .codeBlock(let language, let text): return code(text, language)
        case .list(let start, let isTight): return list(node, start, isTight)
        case .table: return table(node)
        case .htmlBlock(let text): return markup(text)
        default: return inlinePiece(node)
        }
    }

    private mutating func list(_ node: MarkdownNode, _ start: Int?, _ isTight: Bool) -> HTML {
        let items = node.children.map { item -> HTML in
            let pieces = item.children.map { child -> HTML in
                isTight && child.kind == .paragraph ? inline(child) : block(child)
            }
            return "<li>\(raw: HTML(joining: pieces))</li>\n"
        }
        guard let start else { return "<ul>\(raw: HTML(joining: items))</ul>\n" }
        let first: HTML = start == 1 ? "" : " start=\"\(start)\""
        return "<ol\(raw: first)>\(raw: HTML(joining: items))</ol>\n"
    }

    private func table(_ node: MarkdownNode) -> HTML {
        func row(_ node: MarkdownNode) -> HTML {
            let name: HTML = node.kind == .row(isHead: true) ? "th" : "td"
            let cells = node.children.map { cell -> HTML in "<\(raw: name)>\(raw: inline(cell))</\(raw: name)>" }
            return "<tr>\(raw: HTML(joining: cells))</tr>\n"
        }
        let head = node.children.filter { $0.kind == .row(isHead: true) }
        // A head without texts only makes the columns.
        let isEmpty = head.allSatisfy { $0.plainText.allSatisfy(\.isWhitespace) }
        let body = node.children.filter { $0.kind == .row(isHead: false) }
        return """
            <div class="scroll"><table>\(raw: isEmpty ? "" : "<thead>\(raw: HTML(joining: head.map(row)))</thead>")\
            <tbody>\(raw: HTML(joining: body.map(row)))</tbody></table></div>

            """
    }

    private func code(_ text: String, _ language: String) -> HTML {
        guard language == "lua" else { return "<pre><code>\(text)</code></pre>\n" }
        let pieces = LuaHighlight.pieces(of: text).map { piece -> HTML in
            guard let kind = piece.kind else { return "\(piece.text)" }
            return "<span class=\"\(kind.rawValue)\">\(piece.text)</span>"
        }
        return "<pre><code>\(raw: HTML(joining: pieces))</code></pre>\n"
    }

    // MARK: Pieces of a line

    private func inline(_ node: MarkdownNode) -> HTML { HTML(joining: node.children.map { inlinePiece($0) }) }

    private func inlinePiece(_ node: MarkdownNode) -> HTML {
        switch node.kind {
        case .text(let text): return "\(text)"
        case .code(let text): return "<code>\(text)</code>"
        case .softBreak: return "\n"
        case .lineBreak: return "<br>\n"
        case .emphasis: return "<em>\(raw: inline(node))</em>"
        case .strong: return "<strong>\(raw: inline(node))</strong>"
        case .strikethrough: return "<s>\(raw: inline(node))</s>"
        case .htmlInline(let text): return Self.isComment(text) ? "" : "\(text)"
        case .link(let target):
            guard case .address(let address) = resolve(target) else { return inline(node) }
            return "<a href=\"\(address)\">\(raw: inline(node))</a>"
        case .image(let target):
            guard case .address(let address) = resolve(target) else { return "<em>\(node.plainText)</em>" }
            return "<img src=\"\(address)\" alt=\"\(node.plainText)\" loading=\"lazy\">"
        default: return inline(node)
        }
    }

    // MARK: Markup in the text

    private static func isComment(_ text: String) -> Bool { text.hasPrefix("<!--") }

    /// The text of a line's `<summary>`; `nil` for a line without a `<summary>`.
    static func summary(in text: String) -> String? {
        guard let start = text.firstRange(of: "<summary>"), let end = text.firstRange(of: "</summary>"),
            start.upperBound <= end.lowerBound
        else { return nil }
        return String(text[start.upperBound..<end.lowerBound])
    }

    private mutating func markup(_ text: String) -> HTML {
        guard !Self.isComment(text) else { return "" }
        let lines = text.split(separator: "\n").map { line -> HTML in
            switch line {
            case "<details>":
                openDetails += 1
                return "<details>"
            case "</details>" where openDetails > 0: return close()
            case _ where openDetails > 0 && line.hasPrefix("<summary>") && line.hasSuffix("</summary>"):
                return "<summary>\(Self.summary(in: String(line)) ?? "")</summary>"
            default: return "<p>\(String(line))</p>\n"
            }
        }
        return HTML(joining: lines)
    }

    private mutating func close() -> HTML {
        openDetails -= 1
        return "</details>\n"
    }
}
