import NIOCore
import NIOHTTP1

/// The answer to a polling request.
struct EngineAnswer: Sendable {
    let status: HTTPResponseStatus
    let body: ByteBuffer
    private let contentType: String

    private init(_ status: HTTPResponseStatus, _ body: ByteBuffer, _ contentType: String) {
        self.status = status
        self.body = body
        self.contentType = contentType
    }

    /// The answer to a request whose packets were taken.
    static let ok = EngineAnswer(.ok, ByteBuffer(string: "ok"), textType)

    /// The answer to a poll.
    static func packets(_ body: ByteBuffer) -> EngineAnswer { EngineAnswer(.ok, body, textType) }

    /// A refusal.
    static func refusal(_ refusal: EngineRefusal) -> EngineAnswer {
        EngineAnswer(refusal.status, ByteBuffer(bytes: refusal.json), "application/json")
    }

    private static let textType = "text/plain; charset=UTF-8"

    /// The fields of the answer.
    var headers: HTTPHeaders {
        [
            "content-type": contentType, "content-length": "\(body.readableBytes)", "cache-control": "no-store",
            // A message may look like a page.
            "x-content-type-options": "nosniff",
        ]
    }
}
