package import NIOCore
package import Simulation
import World

extension WebSocketSession {
    package func deliver(_ message: OutboundMessage) {
        guard phase == .open else { return }
        switch message.kind {
        case .snapshot:
            deliverSnapshot(message.webSocketFrame)
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
        drainTimer = eventLoop.assumeIsolated().scheduleTask(in: limits.drainTimeout) {
            // Its buffer is full, so neither a message nor a close frame would arrive.
            self.context?.close(promise: nil)
        }
    }

    /// Bytes that wait to be written, flushed or not.
    private var waitingBytes: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func deliverSnapshot(_ frame: ByteBuffer) {
        // Behind a full buffer a snapshot would be old before it arrives; the drained client gets a fresh one.
        if flow == .live, waitingBytes > limits.sendBufferBytes { becomeStale() }
        guard flow != .stale else { return metrics.messagesDropped.count() }
        // The limit is for what piles up; a world larger than it must still get through, and deltas behind it.
        if frame.readableBytes > limits.sendBufferBytes / 2 {
            isLimitRaised = true
            setWriteLimit(high: limits.sendBufferBytes + frame.readableBytes)
        }
        flow = .live
        write(frame)
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
        eventLoop.assumeIsolated().scheduleTask(in: limits.reconnectLinger) {
            self.end(.normal, code: nil, message: "the player is on map \(mapID)")
        }
    }
}
