import FuzzDriver

@testable import WebRTC

/// libFuzzer over the bodies of offers. Any bytes are read or refused, and an answer has as many lines as it should:
/// nothing of an offer adds one.
@main struct FuzzSDP {
    static func main() {
        runFuzzer { bytes, length in
            FuzzSDP.check(Array(UnsafeBufferPointer(start: bytes, count: length)))
            return 0
        }
    }

    private static func check(_ body: [UInt8]) {
        guard let offer = try? OfferBody.offer(in: body), let candidate = RTCCandidate(ip: "192.0.2.1", port: 7) else {
            return
        }
        if offer.fingerprints.isEmpty || offer.fingerprints.contains(where: { $0.count != 32 }) { fail("\(offer)") }
        let answer = SDPAnswer(
            offer: offer, id: 1, credentials: .init(ufrag: "abcd", password: "x"), fingerprint: [1],
            candidates: [candidate], sctpPort: 1024, maxMessageBytes: 1)
        let lines = answer.text.split(separator: "\r\n" as Character, omittingEmptySubsequences: false)
        if lines.count != 18 || !lines.dropLast().allSatisfy({ $0.dropFirst().first == "=" }) {
            fail("an answer with \(lines.count) lines: \(answer.text)")
        }
    }
}
