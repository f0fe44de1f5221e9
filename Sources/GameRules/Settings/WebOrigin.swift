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
            throw SettingMistake("\(Self.shown(written)) is no origin; \(Self.allowed)")
        }
        var rest = text.dropFirst(scheme.count + 3)
        if rest.last == "/" { rest = rest.dropLast() }
        let authority = rest.prefix { !"/?#".contains($0) }
        let name = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard name.endIndex == rest.endIndex, name.startIndex == rest.startIndex else {
            let advice = name.isEmpty ? Self.allowed : "write \(scheme)://\(name)"
            throw SettingMistake(
                "\(Self.shown(written)) is more than an origin, which has no path and no user; \(advice)")
        }
        let (host, port) = Self.parts(rest)
        guard Self.isHost(host) else {
            let isASCII = rest.utf8.allSatisfy { $0 < 0x80 }
            let advice = isASCII ? Self.allowed : "browsers send such a name as xn--…, write it so"
            throw SettingMistake("\(Self.shown(written)) has no name of a host as browsers send it; \(advice)")
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

    /// What to write instead of a text that is no origin.
    static let allowed = "write https://HOST, http://HOST:PORT or \"*\" for all pages"

    private static func shown(_ text: String) -> String { SettingValue.text(text, isPlain: false).shown }

    /// Splits the port off; a name in brackets has colons of its own.
    static func parts(_ text: Substring) -> (host: Substring, port: Substring?) {
        let name = text.first == "[" ? text.firstIndex(of: "]").map { text.index(after: $0) } : nil
        guard let colon = text[(name ?? text.startIndex)...].firstIndex(of: ":") else { return (text, nil) }
        return (text[..<colon], text[text.index(after: colon)...])
    }

    /// Whether browsers may send a text as a host: a name, an IPv4 address, or an IPv6 address in brackets.
    static func isHost(_ text: Substring) -> Bool {
        if text.first == "[" {
            return text.last == "]" && text.contains(":") && IPAddress(String(text.dropFirst().dropLast())) != nil
        }
        return !text.isEmpty && text.utf8.allSatisfy(isOfName)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
