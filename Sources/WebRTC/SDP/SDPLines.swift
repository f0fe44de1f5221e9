/// The lines of a session description (RFC 8866), parted into the session's own and those of each section.
struct SDPLines {
    /// One section: its `m=` line without the prefix, and the attributes that follow.
    struct Section {
        var media: Substring
        var attributes: [Substring] = []
    }

    /// The attributes before the first section, each without `a=`.
    private(set) var session: [Substring] = []
    private(set) var sections: [Section] = []

    /// Reads lines; they may end with CRLF or LF.
    ///
    /// - Parameter text: The description.
    /// - Throws: ``SDPError/notSDP`` when the first line is not `v=0`.
    init(_ text: String) throws(SDPError) {
        let lines = text.split(whereSeparator: \.isNewline)
        guard lines.first == "v=0" else { throw .notSDP }
        for line in lines.dropFirst() {
            let value = line.dropFirst(2)
            if line.hasPrefix("m=") {
                sections.append(Section(media: value))
            } else if line.hasPrefix("a=") {
                if sections.isEmpty {
                    session.append(value)
                } else {
                    sections[sections.count - 1].attributes.append(value)
                }
            }
        }
    }

    /// The values of an attribute: those of the first section, or else those of the session.
    ///
    /// - Parameter name: The attribute.
    /// - Returns: What follows the colon of each line, without spaces at its ends.
    func values(of name: String) -> [Substring] {
        let own = Self.values(of: name, in: sections.first?.attributes ?? [])
        return own.isEmpty ? Self.values(of: name, in: session) : own
    }

    /// Whether an attribute without a value is there, in the first section or in the session.
    func hasFlag(_ name: Substring) -> Bool {
        session.contains(name) || sections.first?.attributes.contains(name) ?? false
    }

    private static func values(of name: String, in attributes: [Substring]) -> [Substring] {
        attributes.compactMap { attribute in
            guard let colon = attribute.firstIndex(of: ":"), attribute[..<colon] == name else { return nil }
            let value = attribute[attribute.index(after: colon)...]
            guard let start = value.firstIndex(where: { $0 != " " }), let end = value.lastIndex(where: { $0 != " " })
            else { return "" }
            return value[start...end]
        }
    }
}
