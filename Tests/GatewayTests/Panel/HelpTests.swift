import Foundation
import NIOCore
import OperatorAPI
import Testing

@testable import AdminPanel
@testable import Gateway

@Suite("Help [M0.2]", .timeLimit(.minutes(5))) struct HelpTests {
    private static let docs = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../docs").standardized

    /// The largest picture that the program has in it, in bytes.
    private static let maxPicture = 64 << 10

    /// The values of an attribute in a page.
    private static func values(_ attribute: String, in html: String) -> [String] {
        html.components(separatedBy: " \(attribute)=\"").dropFirst().map { piece in
            String(piece.prefix { $0 != "\"" })
        }
    }

    @Test("the help has every page of docs/, and the pictures in them up to 64 KiB")
    func complete() throws {
        let paths = try #require(FileManager.default.enumerator(atPath: Self.docs.path)).compactMap { $0 as? String }
        for path in paths where path.hasSuffix(".md") {
            let document = HelpLibrary.all[String(path.dropLast(3))]
            #expect(document != nil, "add docs/\(path) to Sources/CHelpFiles/files.c, in two places")
            let text = try String(contentsOf: Self.docs.appending(path: path), encoding: .utf8)
            for target in text.matches(of: /!\[[^\]]*\]\(([^)]+)\)/).map(\.output.1) {
                let file = Self.docs.appending(path: path).deletingLastPathComponent().appending(path: String(target))
                let content = try Data(contentsOf: file)
                guard content.count <= Self.maxPicture else { continue }
                let name = String(file.standardized.path.dropFirst(Self.docs.path.count + 1))
                #expect(
                    HelpLibrary.all.file(name).map { Array($0.content.readableBytesView) } == Array(content),
                    "add docs/\(name) to Sources/CHelpFiles/files.c, in two places")
            }
        }
        for document in HelpLibrary.all.documents {
            #expect(paths.contains(document.name + ".md"))
            #expect(!document.title.isEmpty, "\(document.name) has no title")
        }
    }

    @Test("no page has a link inside of the help that leads nowhere, or Markdown that was not rendered")
    func pages() {
        for document in HelpLibrary.all.documents {
            for address in Self.values("href", in: document.html.text) + Self.values("src", in: document.html.text) {
                guard !address.hasPrefix("http") else { continue }
                let parts = address.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let name = parts[0].isEmpty ? document.name : String(parts[0].dropFirst("/admin/help/".count))
                guard let target = HelpLibrary.all[name] else {
                    #expect(HelpLibrary.all.file(name) != nil, "\(document.name): \(address)")
                    continue
                }
                guard parts.count > 1 else { continue }
                let ids = target.sections.compactMap(\.heading?.id)
                #expect(ids.contains(String(parts[1]).removingPercentEncoding ?? ""), "\(document.name): \(address)")
            }
            // What is left without tags and code is what a reader sees as text.
            let text = document.html.text.replacing(/<pre>[\s\S]*?<\/pre>|<code>.*?<\/code>|<[^>]*>/, with: "")
            for rest in ["](", "**", "```", "<!--", "&lt;!--", "&lt;details", "|---", "\n## "] {
                #expect(!text.contains(rest), "\(document.name) shows \(rest)")
            }
            #expect(Set(document.sections.compactMap(\.heading?.id)).count == document.sections.count - 1)
        }
    }

    @Test("a link to a file that the help has not is plain text; one to another page leads to it")
    func links() throws {
        let library = HelpLibrary(files: [
            (
                "lua/a.md",
                Array("# A\n[b](../b.md#x-1) [c](../../Sources/c.swift) [d](/etc/passwd) [e](e.md) [f](#y)".utf8)
            ),
            ("b.md", Array("# B\n[a](lua/a.md) ![p](images/p.svg) ![big](images/big.png)".utf8)),
            ("images/p.svg", Array("<svg/>".utf8)),
        ])
        #expect(
            library["lua/a"]?.html.text
                == "<p><a href=\"/admin/help/b#x-1\">b</a> c d e <a href=\"#y\">f</a></p>\n")
        #expect(
            library["b"]?.html.text == """
                <p><a href="/admin/help/lua/a">a</a> <img src="/admin/help/images/p.svg" alt="p" loading="lazy"> \
                <em>big</em></p>

                """)
    }

    @Test("each page of the panel opens the help about itself, or the first page when it has none")
    func sections() {
        #expect(HelpLibrary.all.path(forHelp: "maps") == "/admin/help/panel/maps")
        #expect(HelpLibrary.all.path(forHelp: "operators#sessions") == "/admin/help/panel/operators#sessions")
        #expect(HelpLibrary.all.path(forHelp: "lua/reference") == "/admin/help/lua/reference")
        for unknown in ["nothing", "", "#x", "lua/nothing"] {
            #expect(HelpLibrary.all.path(forHelp: unknown) == "/admin/help/panel/start")
        }
        #expect(HelpLibrary.all.groups.map(\.title) == ["The panel", "Games in Lua", "The server"])
        for section in PanelSection.all {
            let page = Page(title: "x", section: section, content: "").html(for: nil).text
            #expect(page.contains("<a class=\"help\" href=\"/admin/help/panel/\(section.help)\">"), "\(section.title)")
        }
    }

    @Test("pages, searches and pictures need no login; what does not exist is 404, with a place to search")
    func requests() async throws {
        try await PanelServer.run { panel in
            for path in [
                "/admin/help", "/admin/help/", "/admin/help/panel/start", "/admin/help?q=", "/admin/help?q=%20",
            ] {
                let reply = try await panel.send("GET", path)
                #expect(reply.status == 200)
                #expect(reply.text.contains("<h1>The operator&#39;s panel</h1>") && reply.text.contains("name=\"q\""))
            }
            let reference = try await panel.send(.helpPart, ["name": "lua", "part": "reference"])
            #expect(reference.text.contains("<h1>Reference</h1>"))
            #expect(reference.text.contains("href=\"/admin/help/lua/reference\" aria-current=\"page\""))
            let picture = try await panel.send("GET", "/admin/help/images/coins.png")
            #expect(picture.headers["content-type"] == "image/png")
            #expect(picture.body.starts(with: [0x89, 0x50, 0x4E, 0x47]))
            let tag = try #require(picture.headers["etag"])
            let again = try await panel.send(
                "GET", "/admin/help/images/coins.png", headers: ["If-None-Match": "\"other\", W/\(tag)"])
            #expect(again.status == 304)
            for path in ["nothing", "lua/nothing", "protocol.md", "images/nothing.png", "%3Cb%3E"] {
                let reply = try await panel.send("GET", "/admin/help/\(path)")
                #expect(reply.status == 404)
                #expect(reply.text.contains("name=\"q\"") && !reply.text.contains("<b><b>"))
            }
            for path in ["..%2Fprotocol", "lua%2F..%2Fprotocol", "lua/..%2Fprotocol", "a/b/c"] {
                #expect(try await panel.send("GET", "/admin/help/\(path)").status == 404)
            }
        }
    }

    @Test("what is searched for never becomes markup, however long it is")
    func queries() async throws {
        try await PanelServer.run { panel in
            for query in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "events <b>"] {
                let reply = try await panel.send("GET", "/admin/help?q=\(Endpoint.encoded(query))")
                #expect(reply.status == 200)
                let text = reply.text
                #expect(!text.contains("<script>") && !text.contains("<img src=x") && !text.contains("events <b>"))
                #expect(text.contains("value=\"\(HTML.escaped(query))\""))
            }
            // As browsers send what is typed into a form.
            let typed = try await panel.send("GET", "/admin/help?q=one+two%2Bthree")
            #expect(typed.text.contains("value=\"one two+three\""))
            let long = try await panel.send("GET", "/admin/help?q=" + String(repeating: "zqx%20", count: 300))
            #expect(long.status == 200)
            #expect(long.text.contains("Nothing in the help has all of these words"))
            #expect(try await panel.send("GET", "/admin/help?q=%FF%00%C3").status < 500)
        }
    }
}

@Suite("Searching the help") struct HelpSearchTests {
    private let search = HelpSearch(
        HelpLibrary(files: [
            (
                "a.md",
                Array("# Birds\nAbout wings. A sheep is no bird.\n## Food\nA sheep eats grass; sheep, Sheep.".utf8)
            ),
            ("b.md", Array("# Grass\nGreen.\n## The sheep's wool\nSoft.\n### Colours\nWhite wool <b>.".utf8)),
            ("c.md", Array("# Sheep\nWoolly.".utf8)),
        ]))

    private func paths(_ query: String) -> [String] { search.results(for: query).map(\.path) }

    @Test("a title counts more than a heading, a heading more than the text, and more finds more than few")
    func ranking() {
        #expect(
            paths("sheep") == [
                "/admin/help/c", "/admin/help/b#the-sheeps-wool", "/admin/help/a#food", "/admin/help/a",
            ])
        #expect(paths("SHEEP,") == paths("sheep"))
        #expect(paths("shee").first == "/admin/help/c", "a part of a word finds too")
    }

    @Test("all words must be in a section or above it, and one of them in the section itself")
    func allWords() {
        #expect(paths("wool colours") == ["/admin/help/b#colours"])
        #expect(paths("grass white") == ["/admin/help/b#colours"])
        #expect(paths("sheep wings") == ["/admin/help/a"])
        #expect(paths("sheep nothing").isEmpty && paths("").isEmpty && paths(" ,. ").isEmpty)
    }

    @Test("the words are marked in the excerpt")
    func excerpts() throws {
        let result = try #require(search.results(for: "sheep grass").first { $0.path == "/admin/help/a#food" })
        #expect(result.headings == ["Birds", "Food"])
        #expect(
            result.excerpt == ["A ", "sheep", " eats ", "grass", "; ", "sheep", ", ", "Sheep", "."])
        let text = String(repeating: "möre wörds ", count: 60) + "needle " + String(repeating: "änd ", count: 200)
        let library = HelpLibrary(files: [("a.md", Array("# A\n\(text)".utf8))])
        let excerpt = try #require(HelpSearch(library).results(for: "needle").first).excerpt
        #expect(excerpt.count == 3 && excerpt[1] == "needle")
        #expect(excerpt[0].hasPrefix("… ") && excerpt[2].hasSuffix(" …"))
        #expect(excerpt.joined().utf8.count < 260 && !excerpt.joined().contains("\u{FFFD}"))
    }

    @Test(
        "the help finds what its readers look for",
        arguments: [
            ("objects.near", "lua/reference"), ("events.add", "lua/reference"), ("performance", "performance"),
            ("key file", "panel/operators"), ("audit log", "panel/audit"), ("game.yaml", "game-folder"),
        ])
    func real(query: String, name: String) {
        #expect(HelpSearch(.all).results(for: query).prefix(5).contains { $0.document.name == name })
    }
}
