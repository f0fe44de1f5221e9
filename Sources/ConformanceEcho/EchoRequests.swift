import NIOCore
import NIOHTTP1
import WebRTC

/// Answers the HTTP requests that are not for another server of the port: offers of WebRTC clients at `/rtc/offer`,
/// which pages of any origin may send, `/rtc/counts` with what the UDP port has counted, and 404 with a hint for
/// everything else.
final class EchoRequests: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Call {
        case offer
        case counts
        case preflight
        case wrongMethod
        case unknown
    }

    private let port: RTCPort
    private var call = Call.unknown
    private var body: [UInt8] = []
    private var isTooLong = false

    init(_ port: RTCPort) { self.port = port }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            call = Self.call(of: head)
            (body, isTooLong) = ([], false)
        case .body(let part):
            guard call == .offer, !isTooLong else { return }
            isTooLong = body.count + part.readableBytes > OfferBody.maxBytes
            if !isTooLong { body.append(contentsOf: part.readableBytesView) }
        case .end: answer(context)
        }
    }

    private static func call(of head: HTTPRequestHead) -> Call {
        switch (head.uri.prefix { $0 != "?" }, head.method) {
        case ("/rtc/offer", .POST): .offer
        case ("/rtc/offer", .OPTIONS): .preflight
        case ("/rtc/offer", _): .wrongMethod
        case ("/rtc/counts", .GET): .counts
        default: .unknown
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        switch call {
        case .unknown:
            write(
                .notFound,
                "an echo server for conformance tests; connect to ws://…/echo, http://…/engine.io/ or "
                    + "…/socket.io/, or POST an offer to …/rtc/offer\n", to: context)
        case .wrongMethod: write(.methodNotAllowed, "POST an offer here\n", to: context)
        case .preflight: write(.noContent, "", to: context)
        case .counts: answerCounts(context)
        case .offer where isTooLong:
            write(.payloadTooLarge, "\(SDPError.tooLong(SDPOffer.maxBytes))\n", to: context)
        case .offer:
            do throws(SDPError) {
                let offer = try OfferBody.offer(in: body)
                answer(offer, context)
            } catch {
                write(.badRequest, "\(error)\n", to: context)
            }
        }
        body = []
    }

    private func answer(_ offer: SDPOffer, _ context: ChannelHandlerContext) {
        let answered = port.answer(offer) { EchoChannels($0) }.hop(to: context.eventLoop)
        answered.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let sdp):
                self.write(.ok, OfferBody.answer(sdp), type: "application/json", to: context)
            case .failure(let error): self.write(.serviceUnavailable, "\(error)\n", to: context)
            }
        }
    }

    private func answerCounts(_ context: ChannelHandlerContext) {
        port.readCounts().hop(to: context.eventLoop).assumeIsolated().whenComplete { result in
            guard case .success(let counts) = result else { return context.close(promise: nil) }
            let members = Mirror(reflecting: counts).children.map { "\"\($0.label ?? "")\":\($0.value)" }
            let json = "{\(members.joined(separator: ","))}"
            self.write(.ok, Array(json.utf8), type: "application/json", to: context)
        }
    }

    private func write(_ status: HTTPResponseStatus, _ text: String, to context: ChannelHandlerContext) {
        write(status, Array(text.utf8), type: "text/plain; charset=utf-8", to: context)
    }

    private func write(
        _ status: HTTPResponseStatus, _ body: [UInt8], type: String, to context: ChannelHandlerContext
    ) {
        let headers: HTTPHeaders = [
            "content-type": type, "content-length": "\(body.count)", "connection": "close",
            "access-control-allow-origin": "*", "access-control-allow-methods": "POST, OPTIONS",
            "access-control-allow-headers": "content-type", "cache-control": "no-store",
        ]
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: written)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // All requests are answered: those of others wait before this handler.
        if event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
