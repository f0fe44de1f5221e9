/// The origin of web pages, in the form in which browsers send it: `https://example.org`, `http://localhost:3000`.
struct WebOrigin {
    /// The origin in lower case, without the port that its scheme implies.
    let text: String

    /// Reads an origin as people write it: case, a slash at the end and the scheme's own port make no difference.
    ///
    /// - Parameter written: The text.
    /// - Throws: Why browsers never send this origin, with what to write.
    init(_ written: String) throws(SettingMistake) {
        let text = written.lowercased()
        guard let scheme = ["https", "http"].first(where: { text.hasPrefix($0 + "://") }) else {
            throw SettingMistake(
                "\(Self.shown(written)) is no origin; write https://HOST, http://HOST:PORT or \"*\" for all pages")
        }
        var rest = text.dropFirst(scheme.count + 3)
        if rest.last == "/" { rest = rest.dropLast() }
        if let end = rest.firstIndex(where: { "/?#@".contains($0) }) {
            let host = rest[end] == "@" ? rest[rest.index(after: end)...] : rest[..<end]
            throw SettingMistake(
                "\(Self.shown(written)) is more than an origin, which has no path and no user; write \(scheme)://\(host)"
            )
        }
        let (host, port) = Self.parts(rest)
        guard !host.isEmpty, host.utf8.allSatisfy(Self.isOfHost) else {
            let hint = rest.utf8.contains { $0 >= 0x80 } ? "; browsers send such a name as xn--…, write it so" : ""
            throw SettingMistake("\(Self.shown(written)) has no name of a host as browsers send it\(hint)")
        }
        guard let port else {
            self.text = "\(scheme)://\(host)"
            return
        }
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port),
            (1...65_535).contains(number)
        else {
            throw SettingMistake("the port of \(Self.shown(written)) must be a number from 1 to 65535")
        }
        let isImplied = number == (scheme == "https" ? 443 : 80)
        self.text = isImplied ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(number)"
    }

    private static func shown(_ text: String) -> String { SettingValue.text(text, isPlain: false).shown }

    /// Splits the port off; a name in brackets has colons of its own.
    private static func parts(_ text: Substring) -> (host: Substring, port: Substring?) {
        let name = text.first == "[" ? text.firstIndex(of: "]").map { text.index(after: $0) } : nil
        guard let colon = text[(name ?? text.startIndex)...].firstIndex(of: ":") else { return (text, nil) }
        return (text[..<colon], text[text.index(after: colon)...])
    }

    /// Whether a byte may stand in a host: letters, digits, and what addresses are written with.
    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
