import JSONValues
package import NIOCore
import Simulation
package import Wire
import World

extension WebSocketSession {
    package func deliver(_ message: OutboundMessage) {
        guard phase == .open else { return }
        switch message.kind {
        case .snapshot:
            deliverSnapshot(message)
        case .delta, .direct:
            guard mayWrite() else { return metrics.messagesDropped.count() }
            write(frame(of: message))
        case .error:
            if mayWrite() { write(message.webSocketFrame) } else { metrics.messagesDropped.count() }
            refused()
        case .replaced:
            mayResume = false
            write(message.webSocketFrame)
            sendClose(WebSocketCloseCode.replaced.rawValue, reason: "this player has connected again")
        case .refused:
            mayResume = false
            write(message.webSocketFrame)
            sendClose(WebSocketCloseCode.tryAgainLater.rawValue, reason: "the map does not have this player")
        case .reconnect(let mapID):
            reconnect(to: mapID)
        }
    }

    package func flush() {
        guard unflushed.messages > 0 else { return }
        metrics.messagesOut.count(unflushed.messages)
        metrics.bytesOut.count(unflushed.bytes)
        unflushed = (0, 0)
        context?.flush()
    }

    /// The compressed frame where there is one that this client can read.
    private func frame(of message: OutboundMessage) -> ByteBuffer {
        guard let deflate, let packed = message.deflatedFrame, deflate.allows(message.payload.readableBytes) else {
            return message.webSocketFrame
        }
        return packed
    }

    /// Queues a frame; it leaves with the next ``flush()``.
    func write(_ frame: ByteBuffer) {
        unflushed.messages += 1
        unflushed.bytes += frame.readableBytes
        context?.write(Self.wrapOutboundOut(frame), promise: nil)
    }

    /// Queues a frame whose end is shared with other messages.
    private func write(_ message: OutboundMessage) {
        write(message.webSocketFrame)
        guard let tail = message.tail else { return }
        for piece in tail.pieces {
            unflushed.bytes += piece.bytes.readableBytes
            if piece.isShared { meter?.nextIsShared(tail.shared) }
            context?.write(Self.wrapOutboundOut(piece.bytes), promise: nil)
        }
    }

    /// Closes the connection because too much waits for all clients together and this one has kept much for long; where
    /// nothing is in the way, the client is told.
    func shed(_ channel: any Channel) {
        guard phase == .open, waitingBytes == 0 else { return KernelSendBuffer.abort(channel) }
        end(
            .tryAgainLater, code: "send_memory",
            message: "too much waits for all clients together and this one reads too slowly; connect again")
    }

    // MARK: - Slow clients [1-protocol 4.4]

    /// Whether a message that can be left out may be written; notices that the client has become slow.
    ///
    /// The channel counts the bytes that wait, exactly: it turns unwritable when they pass the limit and writable again
    /// when less than half of it is left. So at most the limit and one message wait.
    private func mayWrite() -> Bool {
        if flow == .live, context?.channel.isWritable == true {
            if isLimitRaised { lowerLimit() }
            return true
        }
        if flow == .live { becomeStale() }
        return false
    }

    private func becomeStale() {
        flow = .stale
        drainTimer = timer(in: limits.drainTimeout) { session in
            // Its buffer is full, so neither a message nor a close frame would arrive.
            if let channel = session.context?.channel { KernelSendBuffer.abort(channel) }
        }
    }

    /// Bytes that wait to be written, flushed or not.
    private var waitingBytes: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func deliverSnapshot(_ message: OutboundMessage) {
        // Behind a full buffer a snapshot would be old before it arrives; the drained client gets a fresh one.
        if flow == .live, waitingBytes > limits.sendBufferBytes { becomeStale() }
        guard flow != .stale else { return metrics.messagesDropped.count() }
        // The limit is for what piles up; a world larger than it must still get through, and deltas behind it.
        let size = message.webSocketFrame.readableBytes + (message.tail?.size ?? 0)
        if size > limits.sendBufferBytes / 2 {
            isLimitRaised = true
            setWriteLimit(high: limits.sendBufferBytes + size)
        }
        flow = .live
        write(message)
        tellResumeToken()
    }

    /// Tells the client how to come back, once, behind its first snapshot.
    private func tellResumeToken() {
        guard !hasResumeToken, let (token, seconds) = delegate.resumeToken(for: self) else { return }
        hasResumeToken = true
        let message = JSON.object([
            "action": .string("resume"), "token": .string(token), "seconds": .number(Double(seconds)),
        ])
        write(WebSocketFrame.text(message.bytes))
    }

    private func lowerLimit() {
        guard waitingBytes <= limits.sendBufferBytes else { return }
        isLimitRaised = false
        setWriteLimit(high: limits.sendBufferBytes)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, flow == .stale {
            drainTimer?.cancel()
            drainTimer = nil
            flow = .awaitingSnapshot
            requestSnapshot()
        }
        context.fireChannelWritabilityChanged()
    }

    private func requestSnapshot() {
        guard phase == .open, flow == .awaitingSnapshot, let map, !isReconnecting else { return }
        if !map.post(.reload(id)) {
            eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(100)) { self.requestSnapshot() }
        }
    }

    // MARK: - Moving to another map

    private func reconnect(to mapID: Int) {
        guard !isReconnecting else { return }
        isReconnecting = true
        mayResume = false
        var admission = admission
        admission.mapID = mapID
        let address = delegate.address(ofMap: mapID, reachedBy: address)
        let payload = JSON.object([
            "action": .string("reconnect"), "map_id": .number(Double(mapID)), "host": .string(address.host),
            "port": .number(Double(address.port)), "token": .string(delegate.reconnectToken(for: admission)),
        ])
        write(WebSocketFrame.text(payload.bytes))
        _ = timer(in: limits.reconnectLinger) { session in
            session.end(.normal, code: nil, message: "the player is on map \(mapID)")
        }
    }
}
