import CoreMetrics
package import NIOCore
package import Wire

/// A client's WebSocket (RFC 6455): turns bytes into messages for its session, and messages into frames.
///
/// After the upgrade this is the last channel handler of the pipeline; it handles each frame on the event loop, without
/// a thread switch. It reads and writes frames itself because NIO's frame handlers check neither masking nor reserved
/// bits nor UTF-8.
package final class WebSocketConnection: ChannelInboundHandler, ClientConnection {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// Limits of what a client may send.
    package struct Options: Sendable {
        /// The largest message, in bytes.
        package var maxMessageBytes: Int
        /// The most frames that one message may have. It stops a client that sends empty fragments without end.
        package var maxFragments = WebSocketDecoder.maxFragments

        /// Makes options.
        ///
        /// - Parameter maxMessageBytes: The largest message.
        package init(maxMessageBytes: Int) { self.maxMessageBytes = maxMessageBytes }
    }

    package let eventLoop: any EventLoop
    /// The agreement about compression when each message is compressed on its own, so that many connections can send
    /// the same compressed bytes.
    private let sharedDeflate: DeflateAgreement?
    /// The agreement about compression when the connection has a compressor of its own.
    private let ownDeflate: DeflateAgreement?
    /// Measures the bytes that wait on the connection.
    private let meter: SendMeter?
    private let metrics: TransportMetrics
    private var session: (any ClientSession)?
    private var context: ChannelHandlerContext?
    private var decoder: WebSocketDecoder
    /// Created for the first message that is compressed for this connection.
    private var deflater: Deflater?
    /// Whether messages are MessagePack in binary frames.
    package private(set) var isCompact = false
    private var isReading = false
    /// Whether the client broke the framing, so that its further bytes can't be read as frames.
    private var isInputBroken = false
    private var isCloseSent = false
    /// Messages and frame bytes written since the last flush, for the metrics.
    private var unflushed = (messages: 0, bytes: 0)
    /// The frames that wait for a flush and may go straight to the socket.
    private var straight = SocketWriter()
    /// Whether frames must go through the pipeline: it encrypts them, or it holds unwritten ones.
    private var usesPipeline: Bool

    /// Makes a connection without a session.
    ///
    /// - Parameters:
    ///   - eventLoop: The event loop of the channel.
    ///   - options: The limits of what the client may send.
    ///   - deflate: The agreement about compression; `nil` without compression.
    ///   - meter: Measures the bytes that wait on the channel; it precedes the connection in the pipeline.
    ///   - metrics: Counts sent messages and bytes.
    package init(
        eventLoop: any EventLoop, options: Options, deflate: DeflateAgreement? = nil, meter: SendMeter? = nil,
        metrics: TransportMetrics
    ) {
        self.eventLoop = eventLoop
        sharedDeflate = deflate?.policy == .shared ? deflate : nil
        ownDeflate = deflate?.policy == .individual ? deflate : nil
        self.meter = meter
        self.metrics = metrics
        usesPipeline = meter?.isEncrypted != false
        decoder = WebSocketDecoder(
            maxMessageBytes: options.maxMessageBytes, maxFragments: options.maxFragments, deflate: deflate)
    }

    /// Sets the connection's session; call it before the connection is added to a pipeline.
    ///
    /// - Parameter session: The session; it is kept until the connection ends.
    package func serve(_ session: any ClientSession) { self.session = session }

    /// Makes all further messages MessagePack; call it before ``serve(_:)``.
    package func useMessagePack() { isCompact = true }

    // MARK: - The channel

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        straight = SocketWriter(context.channel)
        setAutoRead(false)
        // NIO keeps one buffer for each read in a row. With one read, an idle connection keeps one buffer, and further
        // bytes are read in the next turn of the loop. Most clients send short commands; the buffer grows with what
        // arrives.
        try? context.channel.syncOptions?.setOption(.maxMessagesPerRead, value: 1)
        try? context.channel.syncOptions?.setOption(
            .recvAllocator,
            value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: SharedPort.readBytes, maximum: 64 << 10))
        meter?.shed = { [weak self] channel in
            if let session = self?.session { session.connectionShed() } else { KernelSendBuffer.abort(channel) }
        }
        session?.connectionOpened()
        if !context.channel.isWritable { session?.writabilityChanged(false) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        endSession()
        self.context = nil
    }

    package func channelInactive(context: ChannelHandlerContext) {
        endSession()
        context.fireChannelInactive()
    }

    private func endSession() {
        guard let session else { return }
        self.session = nil
        session.connectionEnded()
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        session?.writabilityChanged(context.channel.isWritable)
        context.fireChannelWritabilityChanged()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent: session?.serverStops()
        case ChannelEvent.inputClosed:
            // Half-closed connections are allowed for HTTP only; a WebSocket client that closes its output has left.
            context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        session?.connectionFailed(error)
        context.close(promise: nil)
    }

    private func setAutoRead(_ isOn: Bool) {
        // The option can't fail on an open channel, and a closed channel reads nothing.
        try? context?.channel.syncOptions?.setOption(.autoRead, value: isOn)
    }

    // MARK: - Reading

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let session else { return }
        session.heard()
        // Input is read and dropped: closing a socket with unread bytes resets it, and the close reason would be lost.
        guard !isInputBroken else { return }
        decoder.receive(Self.unwrapInboundIn(data))
        handleReceived()
    }

    package func setReading(_ isOn: Bool) {
        isReading = isOn
        setAutoRead(isOn)
        handleReceived()
    }

    /// Handles the complete messages and control frames in the decoder.
    private func handleReceived() {
        do throws(WebSocketViolation) {
            while isReading, !isInputBroken, let session, let event = try decoder.next() { handle(event, session) }
        } catch {
            isInputBroken = true
            session?.violated(error.code, error.description)
        }
    }

    private func handle(_ event: WebSocketDecoder.Event, _ session: any ClientSession) {
        switch event {
        case .message(let bytes, let isText): session.received(bytes, isText: isText)
        case .ping(let payload):
            guard session.receivedControl() else { return }
            write(WebSocketFrame.make(.pong, payload))
            flush()
        case .pong: _ = session.receivedControl()
        case .close(let code, _):
            if !isCloseSent {
                session.clientCloses()
                sendClose(code, reason: "")
            }
            // Both sides have sent or queued a close frame, so the connection ends once the queued bytes are written.
            closeWhenWritten()
        }
    }

    // MARK: - Writing

    /// Whether messages should have a compressed form; compact messages are never compressed (`docs/msgpack.md`).
    package var acceptsDeflate: Bool { sharedDeflate != nil && !isCompact }

    package var waitingBytes: Int { straight.waitingBytes + pipelineBytes }

    /// How many bytes wait in the pipeline.
    private var pipelineBytes: Int { (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 }

    package func send(_ message: OutboundMessage) {
        guard let frame = sharedFrame(of: message) else { return send(message.bytes, isText: true) }
        write(frame.head)
        if let tail = frame.tail { write(tail) }
    }

    /// Queues successive messages in their plain form, with one buffer for all of them: the next ``flush()`` sends it.
    ///
    /// - Parameter run: The messages. A client that gets another form of messages, or more bytes than wait for one
    ///   write, gets them one by one.
    package func send(run: PacketRun) {
        let frames = run.frames
        guard !isCompact, sharedDeflate == nil, frames.readableBytes <= SocketWriter.mostBytes else {
            for message in run.packets { send(message) }
            return
        }
        unflushed.messages += run.packets.count
        writePart(frames)
    }

    package func size(of message: OutboundMessage) -> Int { (sharedFrame(of: message) ?? message.plain).size }

    /// The form of a message that the client gets, made for all who get it; `nil` for one that must be translated.
    private func sharedFrame(of message: OutboundMessage) -> MessageFrame? {
        if isCompact { return message.compact }
        guard let sharedDeflate, let packed = message.deflated, sharedDeflate.allows(message.payloadSize) else {
            return message.plain
        }
        return packed
    }

    package func send(_ bytes: [UInt8], isText: Bool) {
        if isCompact, isText {
            return send(bytes.withUnsafeBufferPointer { MessagePack.translate(json: $0) }, isText: false)
        }
        let kind = isText ? WebSocketFrameKind.text : .binary
        guard let packed = compressed(bytes) else { return write(WebSocketFrame.make(kind, bytes)) }
        write(WebSocketFrame.make(kind, packed, isCompressed: true))
    }

    /// A message's compressed form on a connection that has a compressor of its own; `nil` on others.
    private func compressed(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        guard let ownDeflate else { return nil }
        if deflater == nil { deflater = Deflater(windowBits: Int32(ownDeflate.serverWindowBits)) }
        let packed = bytes.withUnsafeBufferPointer {
            deflater?.segment($0, keepsContext: !ownDeflate.serverResetsContext)
        }
        // The receiver adds the last four bytes of the empty block (RFC 7692, section 7.2.1).
        return packed?.dropLast(4)
    }

    package func ping() {
        write(WebSocketFrame.make(.ping, []))
        flush()
    }

    package func flush() {
        guard unflushed.messages > 0 else { return }
        metrics.messagesSent.increment(by: unflushed.messages)
        metrics.sentBytes.increment(by: unflushed.bytes)
        unflushed = (0, 0)
        guard let context else { return }
        if !straight.isEmpty {
            let bytes = straight.waitingBytes
            meter?.prepareForWrite()
            let left = straight.send(on: context.channel)
            meter?.noteWrittenStraight(bytes - left.reduce(0) { $0 + $1.readableBytes })
            guard !left.isEmpty else { return }
            usesPipeline = true
            for frame in left { context.write(Self.wrapOutboundOut(frame), promise: nil) }
        }
        context.flush()
    }

    package func limitWaiting(high: Int, low: Int) {
        straight.limit = high
        let mark = ChannelOptions.Types.WriteBufferWaterMark(low: low, high: high)
        try? context?.channel.syncOptions?.setOption(.writeBufferWaterMark, value: mark)
    }

    private func write(_ frame: ByteBuffer) {
        unflushed.messages += 1
        writePart(frame)
    }

    /// Queues a frame, or the next part of one.
    private func writePart(_ bytes: ByteBuffer) {
        unflushed.bytes += bytes.readableBytes
        if mayGoStraight, straight.add(bytes) { return }
        usePipeline()
        context?.write(Self.wrapOutboundOut(bytes), promise: nil)
    }

    /// Whether a frame may go past the pipeline.
    private var mayGoStraight: Bool {
        // What was written to the pipeline is gone when no bytes wait there. With encryption bytes never wait there
        // for long, but all of them must pass.
        if usesPipeline, meter?.isEncrypted == false, pipelineBytes == 0 { usesPipeline = false }
        return !usesPipeline
    }

    /// Gives all frames to the pipeline, in their order, so that further ones follow them there.
    private func usePipeline() {
        usesPipeline = true
        for frame in straight.takeAll() { context?.write(Self.wrapOutboundOut(frame), promise: nil) }
    }

    /// Queues the remaining pieces of a frame whose first part is queued already.
    private func write(_ tail: MessageFrame.Tail) {
        guard let shared = tail.shared else { return tail.pieces.forEach { writePart($0.bytes) } }
        usePipeline()
        for piece in tail.pieces {
            unflushed.bytes += piece.bytes.readableBytes
            if piece.isShared { meter?.nextIsShared(shared) }
            context?.write(Self.wrapOutboundOut(piece.bytes), promise: nil)
        }
    }

    // MARK: - Closing

    package func close(_ code: CloseCode, reason: String) {
        if !isCloseSent { sendClose(code.rawValue, reason: reason) }
    }

    private func sendClose(_ code: UInt16?, reason: String) {
        isCloseSent = true
        guard let context else { return }
        usePipeline()
        let written = eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(Self.wrapOutboundOut(WebSocketFrame.close(code, reason: reason)), promise: written)
        if isInputBroken {
            // The client's close frame can't be read, so only the end of its output shows that it received our close
            // frame.
            written.futureResult.assumeIsolated().whenSuccess { self.context?.close(mode: .output, promise: nil) }
        }
        // Reads until the client's close frame. Bytes that arrived together with the handshake are read first.
        isReading = true
        setAutoRead(true)
    }

    private func closeWhenWritten() {
        guard let context else { return }
        usePipeline()
        let promise = eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()), promise: promise)
        promise.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
    }

    package func closeNow() {
        if let context { KernelSendBuffer.close(context.channel) }
    }

    package func abort() {
        if let context { KernelSendBuffer.abort(context.channel) }
    }
}
