extension Setting {
    /// The keys about players over WebRTC.
    static let webRTC: [Setting] = [
        .flag(
            "webrtc", \.webRTC.isOn, for: .nextStart,
            "whether players may connect over WebRTC; only then the server opens a UDP port"),
        .webRTCPort,
        .webRTCAddresses,
        .whole(
            "webrtc_offers_per_minute", \.webRTC.offersPerMinute, default: 120, 1...600_000, unit: .perMinute,
            "offers of one address, and as many at once"),
    ]

    private static let webRTCPort = Setting(
        name: "webrtc_port", fallback: "the server's port", allowed: "0 to 65535", unit: nil, effect: .nextStart,
        about: "the UDP port; 0 for a free one", reset: { $0.webRTC.port = nil },
        read: { (value, configuration) throws(SettingMistake) in
            configuration.webRTC.port = try value.whole(0...65_535, as: "webrtc_port")
        }, shown: { $0.webRTC.port.map(String.init) ?? "the server's port" })

    private static let maxAddresses = 8

    private static let webRTCAddresses = Setting(
        name: "webrtc_addresses", fallback: "the machine's",
        allowed: "list of addresses in numbers such as `203.0.113.5` and `\"[2001:db8::1]:5000\"`, at most 8",
        unit: nil, effect: .nextStart,
        about: "where clients reach that port, best first; behind NAT and in a container "
            + "[they are needed](webrtc.md#ports-and-addresses)",
        reset: { $0.webRTC.addresses = [] },
        read: { (value, configuration) throws(SettingMistake) in
            guard case .list(let elements) = value, elements.count <= maxAddresses else {
                throw SettingMistake(
                    "webrtc_addresses is \(value.shown); it must be a list of at most \(maxAddresses) addresses such as "
                        + "[\"203.0.113.5\"]")
            }
            configuration.webRTC.addresses = try each(elements) { element throws(SettingMistake) in
                try WebRTCAddress.checked(element.string ?? element.shown)
            }
        },
        shown: {
            let addresses = $0.webRTC.addresses
            return addresses.isEmpty ? "the machine's" : addresses.joined(separator: " ")
        })
}
