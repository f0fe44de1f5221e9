import Testing

@testable import Transport

@Suite("Compression is agreed as RFC 7692 says") struct DeflateAgreementTests {
    @Test(
        "a game agrees to compression without a kept context in both directions",
        arguments: [
            ("permessage-deflate", "permessage-deflate; server_no_context_takeover; client_no_context_takeover"),
            (
                "permessage-deflate; client_max_window_bits",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
            ),
            (
                "permessage-deflate;client_max_window_bits = 10;server_max_window_bits=\"12\"",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12"
            ),
            (
                "x-webkit-deflate-frame, Permessage-Deflate; Server_No_Context_Takeover",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
            ),
            (
                "permessage-deflate; server_max_window_bits=8, permessage-deflate",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
            ),
        ])
    func shared(offer: String, answer: String) {
        #expect(DeflateAgreement(offers: [offer], policy: .shared)?.header == answer)
    }

    @Test(
        "the echo server agrees to what the client offers",
        arguments: [
            ("permessage-deflate", "permessage-deflate"),
            (
                "permessage-deflate; server_no_context_takeover",
                "permessage-deflate; server_no_context_takeover"
            ),
            (
                "permessage-deflate; client_no_context_takeover; server_max_window_bits=9",
                "permessage-deflate; client_no_context_takeover; server_max_window_bits=9"
            ),
        ])
    func individual(offer: String, answer: String) {
        #expect(DeflateAgreement(offers: [offer], policy: .individual)?.header == answer)
    }

    @Test(
        "an offer that can't be met is declined",
        arguments: [
            "", "permessage-bzip2", "permessage-deflate; unknown", "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; server_max_window_bits=16", "permessage-deflate; server_max_window_bits=09",
            "permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_max_window_bits=",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover", "permessage-deflate;",
        ])
    func declined(offer: String) {
        #expect(DeflateAgreement(offers: [offer], policy: .shared) == nil)
        #expect(DeflateAgreement(offers: [], policy: .shared) == nil)
    }

    @Test("a message no longer than the window can be sent compressed to any client") func window() throws {
        let offer = "permessage-deflate; server_max_window_bits=10"
        let agreement = try #require(DeflateAgreement(offers: [offer], policy: .shared))
        #expect(agreement.allows(1024))
        #expect(!agreement.allows(1025))
        // References go back 32 KiB at most, so the largest window fits every message.
        for offer in ["permessage-deflate", "permessage-deflate; server_max_window_bits=15"] {
            #expect(try #require(DeflateAgreement(offers: [offer], policy: .shared)).allows(1_000_000))
        }
    }
}
