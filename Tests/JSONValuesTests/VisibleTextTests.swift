import Testing

@testable import JSONValues

@Suite("Texts for logs and terminals") struct VisibleTextTests {
    @Test(
        "control characters, and those that hide or turn text around, are escaped",
        arguments: [
            ("a\nb", "a\\nb"), ("a\r\nb", "a\\r\\nb"), ("\u{1B}[31mred", "\\u{001B}[31mred"), ("a\0b", "a\\u{0000}b"),
            ("\u{7F}", "\\u{007F}"), ("\u{8}\u{8}", "\\u{0008}\\u{0008}"), ("\u{85}\u{9B}2J", "\\u{0085}\\u{009B}2J"),
            ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
            // What turns text around.
            ("\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}", "\\u{202A}\\u{202B}\\u{202C}\\u{202D}\\u{202E}"),
            ("\u{2066}\u{2067}\u{2068}\u{2069}", "\\u{2066}\\u{2067}\\u{2068}\\u{2069}"),
            ("\u{200E}\u{200F}\u{061C}", "\\u{200E}\\u{200F}\\u{061C}"),
            // What shows nothing.
            ("a\u{200B}b\u{FEFF}\u{AD}", "a\\u{200B}b\\u{FEFF}\\u{00AD}"), ("\u{E0041}", "\\u{E0041}"),
        ])
    func escaped(text: String, visible: String) { #expect(text.visible == visible) }

    @Test(
        "what people write stays as it is",
        arguments: [
            "", "plain text ~", "a\tb", "žluťoučký kůň", "שלום", "مرحبا", "日本語", "👨‍👩‍👧‍👦", "می‌خواهم", "e\u{301}",
            "back\\slash",
            "\u{FFFD}",
        ])
    func kept(text: String) { #expect(Array(text.visible.unicodeScalars) == Array(text.unicodeScalars)) }
}
