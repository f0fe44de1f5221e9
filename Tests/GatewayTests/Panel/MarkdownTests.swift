import Testing

@testable import AdminPanel

@Suite("Markdown as HTML") struct MarkdownTests {
    private func page(_ text: String) -> MarkdownHTML {
        MarkdownHTML(text) { $0.hasPrefix("https:") ? .address($0) : .nothing }
    }

    private func html(_ text: String) -> String { page(text).html.text }

    @Test("headings get the ids that GitHub gives them, and repeated ones a number")
    func ids() {
        let page = page(
            """
            # The title
            ## `map.event(map, key, group [, event [, data]])`
            ### Fields
            ## A *big* day, isn't it?
            ### Fields
            ### fields_of-9
            """)
        #expect(page.title == "The title")
        #expect(
            page.headings == [
                .init(
                    level: 2, id: "mapeventmap-key-group--event--data",
                    text: "map.event(map, key, group [, event [, data]])"),
                .init(level: 3, id: "fields", text: "Fields"),
                .init(level: 2, id: "a-big-day-isnt-it", text: "A big day, isn't it?"),
                .init(level: 3, id: "fields-1", text: "Fields"),
                .init(level: 3, id: "fields_of-9", text: "fields_of-9"),
            ])
        #expect(page.html.text.contains(#"<h2 id="a-big-day-isnt-it">A <em>big</em> day, isn&#39;t it?</h2>"#))
        #expect(!page.html.text.contains("The title"), "the frame of the page shows the title")
    }

    @Test(
        "HTML in a page is shown as text, and comments are left out",
        arguments: [
            ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
            ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>\n"),
            ("a <!-- no --> b", "<p>a  b</p>\n"), ("<!-- new game\nmore -->", ""),
            ("`<i>`", "<p><code>&lt;i&gt;</code></p>\n"),
            ("```html\n<i>\n```", "<pre><code>&lt;i&gt;\n</code></pre>\n"),
            ("</details>", "<p>&lt;/details&gt;</p>\n"),
            ("<summary>x</summary>", "<p>&lt;summary&gt;x&lt;/summary&gt;</p>\n"),
            ("<details onclick=x>", "<p>&lt;details onclick=x&gt;</p>\n"),
        ])
    func markup(text: String, expected: String) {
        #expect(html(text) == expected)
    }

    @Test("closed parts are taken over, and one that the text leaves open is closed at the end")
    func details() {
        let text = "<details>\n<summary>The <i>files</i></summary>\n\nText\n\n"
        let expected = "<details><summary>The &lt;i&gt;files&lt;/i&gt;</summary><p>Text</p>\n</details>\n"
        #expect(html(text + "</details>") == expected)
        #expect(html(text) == expected)
    }

    @Test("links that lead nowhere stay as text, and no address of a page can run a script")
    func links() {
        #expect(
            html("[a](https://x.example/?a=\"b\")").contains(#"<a href="https://x.example/?a=&quot;b&quot;">a</a>"#))
        for target in ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "//evil.example", "vbscript:x"] {
            #expect(html("[a](\(target))") == "<p>a</p>\n")
            #expect(html("![a \"b\"](\(target))") == "<p><em>a &quot;b&quot;</em></p>\n")
            let library = HelpLibrary(files: [("a.md", Array("[a](\(target)) ![b](\(target))".utf8))])
            #expect(library["a"]?.html.text == "<p>a <em>b</em></p>\n")
        }
    }

    @Test("lists, tables and code")
    func blocks() {
        #expect(html("- a\n- b\n\n  c") == "<ul><li><p>a</p>\n</li>\n<li><p>b</p>\n<p>c</p>\n</li>\n</ul>\n")
        #expect(html("3. a\n4. `b`") == "<ol start=\"3\"><li>a</li>\n<li><code>b</code></li>\n</ol>\n")
        #expect(
            html("| a | b |\n|---|---|\n| `x\\|y` | **z** |")
                == """
                <div class="scroll"><table><thead><tr><th>a</th><th>b</th></tr>
                </thead><tbody><tr><td><code>x|y</code></td><td><strong>z</strong></td></tr>
                </tbody></table></div>

                """)
        #expect(!html("| | |\n|---|---|\n| a | b |").contains("<th"), "a head without texts is left out")
        #expect(
            html("```lua\nlocal a = \"<\" -- b\n```")
                == """
                <pre><code><span class="keyword">local</span> a = <span class="string">&quot;&lt;&quot;</span> \
                <span class="comment">-- b</span>
                </code></pre>

                """)
    }
}
