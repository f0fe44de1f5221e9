import Glibc

/// Finds words in the help. A section is found when all words are in it, in the title of its page, or in its headings.
struct HelpSearch: Sendable {
    /// A section that was found.
    struct Result: Sendable {
        let document: HelpLibrary.Document
        /// The headings from the page's title down to the section's own.
        let headings: [String]
        /// The address of the section.
        let path: String
        /// A part of its text around the words; alternately text without a word and a word, beginning without.
        let excerpt: [String]
    }

    /// The longest text of a search, in characters; the rest is ignored.
    static let maxCharacters = 200
    private static let maxWords = 8
    /// How many results are shown.
    static let maxResults = 40
    /// How many bytes of a text a result shows.
    private static let excerptBytes = 220

    /// A section, prepared for searching.
    private struct Entry {
        let document: HelpLibrary.Document
        let heading: MarkdownHTML.Heading?
        /// The page's title, and the headings above.
        let parents: [String]
        let text: [UInt8]
        // With small letters, and a NUL at the end for the C library, which no text of Markdown has elsewhere. Only
        // letters of ASCII are changed, so that indices of both texts agree.
        let lowerText: [UInt8]
        let lowerHeading: [UInt8]
        let lowerParents: [UInt8]
    }

    /// What finds in a place count for one word. A title counts more than a heading, and a heading more than any number
    /// of finds in the text; whole words count more than parts of words.
    private enum Weight {
        static let title = (whole: 60, part: 40)
        static let heading = (whole: 30, part: 20)
        static let text = (whole: 8, part: 5)
        static let parents = 1
        /// For each further find in the text, up to four.
        static let again = 1
        /// All words in this order in the title or heading.
        static let phrase = 25
    }

    private let entries: [Entry]

    /// Prepares the sections of a library.
    init(_ library: HelpLibrary) {
        entries = library.documents.flatMap { document in
            var above: [MarkdownHTML.Heading] = []
            return document.sections.map { section in
                if let heading = section.heading { above.removeAll { $0.level >= heading.level } }
                let parents = section.heading == nil ? [] : [document.title] + above.map(\.text)
                if let heading = section.heading { above.append(heading) }
                return Entry(
                    document: document, heading: section.heading, parents: parents, text: Array(section.text.utf8),
                    lowerText: Self.searchable(section.text),
                    lowerHeading: Self.searchable(section.heading?.text ?? document.title),
                    lowerParents: Self.searchable(parents.joined(separator: "\n")))
            }
        }
    }

    /// The words of a search: in small letters, without punctuation around them.
    static func words(_ query: String) -> [[UInt8]] {
        let words = query.prefix(maxCharacters).utf8.split { $0 <= 0x20 || $0 == 0x7F }.map { word -> [UInt8] in
            let end = word.reversed().drop(while: isPunctuation)
            return lower(Array(end.reversed().drop(while: isPunctuation)))
        }
        return Array(words.filter { !$0.isEmpty }.prefix(maxWords))
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool { "`'\"()[],;:?!.".utf8.contains(byte) }

    /// Finds sections.
    ///
    /// - Parameter query: What was typed.
    /// - Returns: At most ``maxResults`` results, the best first.
    func results(for query: String) -> [Result] {
        let words = Self.words(query)
        guard !words.isEmpty else { return [] }
        let found = entries.enumerated().compactMap { index, entry in
            score(entry, words).map { (index: index, score: $0) }
        }
        // The order of the pages decides between equal sections.
        let best = found.sorted { ($1.score, $0.index) < ($0.score, $1.index) }.prefix(Self.maxResults)
        return best.map { find in
            let entry = entries[find.index]
            return Result(
                document: entry.document, headings: entry.parents + [entry.heading?.text ?? entry.document.title],
                path: entry.document.path + (entry.heading.map { "#\($0.id)" } ?? ""),
                excerpt: Self.excerpt(entry, words))
        }
    }

    /// `nil` when a word is missing, or all words are only in the headings above.
    private func score(_ entry: Entry, _ words: [[UInt8]]) -> Int? {
        let headingWeight = entry.heading == nil ? Weight.title : Weight.heading
        var score = 0
        var isHere = false
        for word in words {
            if let find = Self.find(word, in: entry.lowerHeading) {
                score += find.isWhole ? headingWeight.whole : headingWeight.part
                isHere = true
            } else if let find = Self.find(word, in: entry.lowerText) {
                score += (find.isWhole ? Weight.text.whole : Weight.text.part) + (find.count - 1) * Weight.again
                isHere = true
            } else if Self.find(word, in: entry.lowerParents) != nil {
                score += Weight.parents
            } else {
                return nil
            }
        }
        if words.count > 1,
            Self.index(of: Array(words.joined(separator: [0x20])), in: entry.lowerHeading, from: 0) != nil
        {
            score += Weight.phrase
        }
        return isHere ? score : nil
    }

    // MARK: Excerpts

    private static func excerpt(_ entry: Entry, _ words: [[UInt8]]) -> [String] {
        let text = entry.lowerText
        let first = words.compactMap { index(of: $0, in: text, from: 0) }.min() ?? 0
        // It begins and ends at a space, and before it are some words.
        var start = max(0, first - 70)
        if start > 0 { start = text[start..<first].firstIndex(of: 0x20).map { $0 + 1 } ?? first }
        let count = entry.text.count
        var end = min(count, start + excerptBytes)
        if end < count { end = text[start..<end].lastIndex(of: 0x20) ?? end }
        var pieces: [String] = []
        func add(_ range: Range<Int>) { pieces.append(String(decoding: entry.text[range], as: UTF8.self)) }
        var next = start
        while true {
            let hit = words.compactMap { word -> Range<Int>? in
                index(of: word, in: text, from: next).map { $0..<($0 + word.count) }
            }.min { ($0.lowerBound, $1.upperBound) < ($1.lowerBound, $0.upperBound) }
            guard let hit, hit.upperBound <= end else { break }
            add(next..<hit.lowerBound)
            add(hit)
            next = hit.upperBound
        }
        add(next..<max(next, end))
        if start > 0 { pieces[0] = "… " + pieces[0] }
        if end < count { pieces[pieces.count - 1] += " …" }
        return pieces
    }

    // MARK: Bytes

    private static func searchable(_ text: String) -> [UInt8] { lower(Array(text.utf8)) + [0] }

    private static func lower(_ bytes: [UInt8]) -> [UInt8] {
        bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    /// How often a word is in a text, counted up to five, and whether one of these is a word of its own there.
    private static func find(_ word: [UInt8], in text: [UInt8]) -> (count: Int, isWhole: Bool)? {
        var (count, isWhole, from) = (0, false, 0)
        while count < 5, let start = index(of: word, in: text, from: from) {
            count += 1
            from = start + word.count
            isWhole =
                isWhole || !(start > 0 && isLetter(text[start - 1])) && !(from < text.count && isLetter(text[from]))
        }
        return count > 0 ? (count, isWhole) : nil
    }

    /// Whether a byte is a part of a word: a letter, a digit, `_`, or a part of any character outside of ASCII.
    private static func isLetter(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }

    /// Where a word begins in a searchable text, at `start` or after it.
    private static func index(of word: [UInt8], in text: [UInt8], from start: Int) -> Int? {
        guard start < text.count else { return nil }
        return text.withUnsafeBytes { text in
            (word + [0]).withUnsafeBytes { word in
                guard let base = text.baseAddress?.assumingMemoryBound(to: CChar.self),
                    let wanted = word.baseAddress?.assumingMemoryBound(to: CChar.self),
                    let found = strstr(base + start, wanted)
                else { return nil }
                return UnsafePointer(found) - base
            }
        }
    }
}
