import NIOCore
import NIOHTTP1

/// A polling request that is arriving, or that waits for its answer: what to do with it, its body, and what its answer
/// needs.
struct EngineArrival {
    /// How many bytes of a body are read that nobody wants.
    static let unwantedBytes = 64 * 1024

    let server: EngineServer
    let call: EngineServer.Call
    private let head: HTTPRequestHead
    private let origin: EngineOrigin
    private(set) var body = ByteBuffer()
    private var received = 0

    /// Makes the arrival of a request.
    ///
    /// - Parameters:
    ///   - head: The request's head.
    ///   - server: The server of its path.
    ///   - call: What to do with it.
    init(_ head: HTTPRequestHead, for server: EngineServer, _ call: EngineServer.Call) {
        self.head = head
        self.server = server
        self.call = call
        origin = EngineOrigin(of: head, for: server)
    }

    private var wantsBody: Bool { if case .post = call { true } else { false } }
    private var limit: Int {
        if case .post(let connection) = call { connection.options.maxPayload } else { Self.unwantedBytes }
    }

    /// Whether the request says that its body is too long.
    var announcesTooMuch: Bool {
        head.headers.first(name: "content-length").flatMap { Int($0) }.map { $0 > limit } ?? false
    }

    /// Adds a part of the body.
    ///
    /// - Returns: `false` when the body is too long; the part is dropped then.
    mutating func receive(_ part: ByteBuffer) -> Bool {
        received += part.readableBytes
        guard received <= limit else { return false }
        if wantsBody { body.writeImmutableBuffer(part) }
        return true
    }

    /// Why the request is refused, if its body is too long.
    var tooMuch: EngineRefusal {
        switch call {
        case .post: .tooLarge(limit)
        case .refuse(let refusal): refusal
        case .open, .poll, .preflight: .unwantedBody
        }
    }

    /// Whether the connection stays open after the answer.
    var isKeptAlive: Bool { head.isKeepAlive }

    /// Whether the answer has a body.
    var answersWithBody: Bool { head.method != .HEAD }

    /// The head of an answer.
    ///
    /// - Parameters:
    ///   - answer: The answer.
    ///   - closes: Whether the connection is closed after it.
    /// - Returns: The head, with what a browser must know.
    func responseHead(_ answer: EngineAnswer, closes: Bool) -> HTTPResponseHead {
        var headers = answer.headers
        origin.add(to: &headers)
        return responseHead(HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers), closes)
    }

    /// The head of the answer to a preflight; `nil` for a page that is not allowed.
    func preflightHead(closes: Bool) -> HTTPResponseHead? { origin.preflight().map { responseHead($0, closes) } }

    private func responseHead(_ head: HTTPResponseHead, _ closes: Bool) -> HTTPResponseHead {
        var head = head
        if closes {
            head.headers.replaceOrAdd(name: "connection", value: "close")
        } else if self.head.version == .http1_0 {
            head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
        }
        return head
    }
}
