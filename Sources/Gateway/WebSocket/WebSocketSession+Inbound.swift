package import NIOCore
import Simulation
import Wire
import World

extension WebSocketSession {
    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastHeard = runningNow
        // Read and dropped: closing a socket with unread bytes resets it, and the reason sent before would be lost.
        guard !isInputBroken else { return }
        switch phase {
        case .joining:
            // Reading stops while joining; this is at most what came together with the handshake.
            decoder.receive(Self.unwrapInboundIn(data))
        case .open, .closing:
            decoder.receive(Self.unwrapInboundIn(data))
            handleReceived()
        case .closed: break
        }
    }

    /// Handles what the decoder holds.
    func handleReceived() {
        do throws(WebSocketViolation) {
            while phase == .open || phase == .closing, let event = try decoder.next() { handle(event) }
        } catch {
            isInputBroken = true
            mayResume = false
            if phase == .open {
                let code: String? =
                    switch error.code {
                    case .tooBig: CommandError.Code.tooBig.rawValue
                    case .badData: CommandError.Code.badJSON.rawValue
                    default: "bad_frame"
                    }
                end(error.code, code: code, message: error.description, halfClose: true)
            }
        }
    }

    private func handle(_ event: WebSocketDecoder.Event) {
        switch event {
        case .message(let bytes, _):
            guard phase == .open else { return }
            metrics.messagesIn.count()
            metrics.bytesIn.count(bytes.count)
            receive(bytes)
        case .ping(let payload):
            guard phase == .open else { return }
            guard takeToken() else { return refused() }
            // A client that does not read gets no pongs either: they would pile up.
            if context?.channel.isWritable == true {
                write(WebSocketFrame.make(.pong, payload))
                flush()
            }
        case .pong:
            if phase == .open, !takeToken() { refused() }
        case .close(let code, _):
            if phase == .open { sendClose(code, reason: "") }
            // Both close frames are out or on their way: what is queued is written, then the connection ends.
            closeWhenWritten()
        }
    }

    private func closeWhenWritten() {
        guard let context else { return }
        let promise = eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer()), promise: promise)
        promise.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
    }

    /// Checks one message in the protocol's order and hands it to the map.
    private func receive(_ bytes: [UInt8]) {
        let command: Command
        do throws(CommandError) {
            command = try Command.parse(bytes, maxDepth: limits.maxJSONDepth)
        } catch {
            // Malformed messages count against the rate as well.
            _ = takeToken()
            return refuse(error)
        }
        guard takeToken() else {
            let rate = limits.commandRate
            return refuse(
                CommandError(
                    .rateLimited,
                    "more than \(Int(rate.perSecond)) commands a second with bursts of \(Int(rate.burst))",
                    action: command.action, commandID: command.commandID))
        }
        if command.isLoad, !takeLoad() {
            let rate = limits.loadRate
            return refuse(
                CommandError(
                    .rateLimited,
                    "more than \(Int((rate.perSecond * 60).rounded())) snapshots a minute with bursts of "
                        + "\(Int(rate.burst)); ask again in "
                        + "\(Int(loads.wait(now: eventLoop.now.sinceStart).rounded(.up))) s",
                    action: command.action, commandID: command.commandID))
        }
        guard let map, !isReconnecting else { return }
        let input: MapInput =
            command.isLoad ? .reload(id) : .command(id, command, receivedAt: delegate.unixTime)
        guard map.post(input) else {
            return reply(
                CommandError(
                    .busy, "the map has more commands than it can take at the moment; send it again",
                    action: command.action, commandID: command.commandID))
        }
    }

    private func takeToken() -> Bool {
        bucket.take(now: eventLoop.now.sinceStart, paused: delegate.pausedTime.duration)
    }

    private func takeLoad() -> Bool {
        loads.take(now: eventLoop.now.sinceStart, paused: delegate.pausedTime.duration)
    }

    // MARK: - Refusals

    private func refuse(_ error: CommandError) {
        reply(error)
        refused()
    }

    private func reply(_ error: CommandError) {
        guard context?.channel.isWritable == true else { return }
        write(WebSocketFrame.text(error.payload))
        flush()
    }

    /// Counts a refusal; a client that goes on being refused is closed.
    func refused() {
        guard phase == .open else { return }
        metrics.refusals.count()
        let now = eventLoop.now
        refusals.removeAll { now - $0 > limits.refusalWindow }
        refusals.append(now)
        if refusals.count >= limits.maxRefusals {
            mayResume = false
            end(
                .policyViolation, code: "too_many_refusals",
                message: "\(limits.maxRefusals) refusals within \(limits.refusalWindow.nanoseconds / 1_000_000_000) s")
        }
    }
}
