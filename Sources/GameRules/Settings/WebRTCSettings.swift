/// The settings in `game.yaml` about players over WebRTC. ``Setting/all`` has the default and the allowed values of
/// each key.
package struct WebRTCSettings: Sendable, Equatable {
    /// `webrtc`: whether players may connect over WebRTC.
    package var isOn = false
    /// `webrtc_port`: the UDP port, 0 for a free one; `nil` for the number of the server's TCP port.
    package var port: Int?
    /// `webrtc_addresses`: where clients reach that port, best first; empty for the machine's own addresses.
    package var addresses: [String] = []
    /// `webrtc_offers_per_minute`: how many offers one address may send in a minute, and at once.
    package var offersPerMinute = 0

    /// Makes settings in which no key has its default yet; ``GameConfiguration`` sets them.
    init() {}
}

/// A text that names an address of this server for WebRTC's clients: numbers, with or without a port.
enum WebRTCAddress {
    /// Checks an address.
    ///
    /// - Parameter text: For instance `203.0.113.5`, `203.0.113.5:5000`, `2001:db8::1` or `[2001:db8::1]:5000`.
    /// - Returns: The text.
    /// - Throws: What is wrong with it; the UDP port says the same when it is opened.
    static func checked(_ text: String) throws(SettingMistake) -> String {
        let (host, port) = parts(text)
        guard let host, IPAddress(host) != nil, port.map(isPort) ?? true else {
            throw SettingMistake(
                "\"\(text.prefix(60))\" is no address for WebRTC; give numbers such as 203.0.113.5, 203.0.113.5:5000 or "
                    + "[2001:db8::1]:5000")
        }
        return text
    }

    /// Splits the port off; an IPv6 address has one only behind brackets. There is no host in a text of another form.
    private static func parts(_ text: String) -> (host: String?, port: Substring?) {
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]"), text.contains(":") else { return (nil, nil) }
            let host = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            guard host.contains(":"), rest.isEmpty || rest.first == ":" else { return (nil, nil) }
            return (host, rest.isEmpty ? nil : rest.dropFirst())
        }
        guard let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon else { return (text, nil) }
        return (String(text[..<colon]), text[text.index(after: colon)...])
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (0x30...0x39).contains($0) } && Int(text).map { (1...65_535).contains($0) } == true
    }
}
