import CMarkdown

/// A piece of a text in GitHub's Markdown, as cmark reads it.
struct MarkdownNode {
    /// What it is, with what it has besides its children.
    enum Kind: Equatable {
        case document, paragraph, blockQuote, item, thematicBreak
        /// `level` is from 1 to 6.
        case heading(level: Int)
        /// `start` is the first number; `nil` for a list without numbers.
        case list(start: Int?, isTight: Bool)
        /// The language is the first word after the fence; empty without one.
        case codeBlock(language: String, text: String)
        case table
        case row(isHead: Bool)
        case cell
        /// Markup of HTML, which this program does not take over: see ``MarkdownHTML``.
        case htmlBlock(String), htmlInline(String)
        case text(String), code(String)
        case softBreak, lineBreak
        case emphasis, strong, strikethrough
        case link(String), image(String)
    }

    var kind: Kind
    var children: [MarkdownNode] = []

    /// The names of the extensions of GitHub that it reads.
    private static let extensions: [String] = {
        cmark_gfm_core_extensions_ensure_registered()
        return ["table", "strikethrough", "autolink"]
    }()

    /// Reads a text; every text is valid Markdown.
    ///
    /// - Parameter source: The text.
    /// - Returns: A node of kind `document`.
    static func parse(_ source: String) -> MarkdownNode {
        let parser = cmark_parser_new(CMARK_OPT_DEFAULT)
        defer { cmark_parser_free(parser) }
        for name in extensions {
            if let found = cmark_find_syntax_extension(name) { cmark_parser_attach_syntax_extension(parser, found) }
        }
        let utf8 = Array(source.utf8)
        utf8.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            cmark_parser_feed(parser, base.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard let root = cmark_parser_finish(parser) else { return MarkdownNode(kind: .document) }
        defer { cmark_node_free(root) }
        return MarkdownNode(kind: .document, children: children(of: root))
    }

    private static func children(of node: OpaquePointer) -> [MarkdownNode] {
        var found: [MarkdownNode] = []
        var next = cmark_node_first_child(node)
        while let child = next {
            // What has no kind of its own, such as a definition of a link, is its children.
            if let kind = kind(of: child) {
                found.append(MarkdownNode(kind: kind, children: children(of: child)))
            } else {
                found += children(of: child)
            }
            next = cmark_node_next(child)
        }
        return found
    }

    private static func kind(of node: OpaquePointer) -> Kind? {
        switch text(cmark_node_get_type_string(node)) {
        case "paragraph": .paragraph
        case "block_quote": .blockQuote
        case "item": .item
        case "thematic_break": .thematicBreak
        case "heading": .heading(level: Int(cmark_node_get_heading_level(node)))
        case "list":
            .list(
                start: cmark_node_get_list_type(node) == CMARK_ORDERED_LIST
                    ? Int(cmark_node_get_list_start(node)) : nil,
                isTight: cmark_node_get_list_tight(node) != 0)
        case "code_block":
            .codeBlock(
                language: String(text(cmark_node_get_fence_info(node)).prefix { $0 != " " }),
                text: text(cmark_node_get_literal(node)))
        case "table": .table
        case "table_header": .row(isHead: true)
        case "table_row": .row(isHead: false)
        case "table_cell": .cell
        case "html_block": .htmlBlock(text(cmark_node_get_literal(node)))
        case "html_inline": .htmlInline(text(cmark_node_get_literal(node)))
        case "text": .text(text(cmark_node_get_literal(node)))
        case "code": .code(text(cmark_node_get_literal(node)))
        case "softbreak": .softBreak
        case "linebreak": .lineBreak
        case "emph": .emphasis
        case "strong": .strong
        case "strikethrough": .strikethrough
        case "link": .link(text(cmark_node_get_url(node)))
        case "image": .image(text(cmark_node_get_url(node)))
        default: nil
        }
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

    /// Its text without markup, for headings and for searching; HTML is left out.
    var plainText: String {
        switch kind {
        case .text(let text), .code(let text), .codeBlock(_, let text): text
        case .softBreak, .lineBreak: " "
        case .htmlBlock(let text), .htmlInline(let text): MarkdownHTML.summary(in: text) ?? ""
        case .heading, .paragraph, .emphasis, .strong, .strikethrough, .link, .image:
            children.map(\.plainText).joined()
        case .document, .blockQuote, .list, .item, .table, .row, .cell, .thematicBreak:
            children.map(\.plainText).joined(separator: " ")
        }
    }
}
