package import NIOCore
import Wire

/// Measures the bytes that wait to be sent on one connection and reports them to ``SendMemory``.
///
/// It is the first handler of the pipeline.
///
/// Bytes wait in two places: in NIO until the kernel accepts them, and in the kernel until the peer acknowledges them.
/// ``MeasuringRule`` decides when to measure.
package final class SendMeter: ChannelOutboundHandler {
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private static let interval = TimeAmount.seconds(1)

    private let memory: SendMemory
    /// Whether the connection uses TLS, so that all bytes must pass the pipeline. Its ciphertext is never shared with
    /// other connections.
    let isEncrypted: Bool
    private var context: ChannelHandlerContext?
    /// The number of bytes written since the connection began.
    private var written = 0
    private var rule = MeasuringRule()
    /// Shared bytes that wait; `range` is their position in the stream of written bytes.
    private var shared: [(range: Range<Int>, bytes: SharedBytes)] = []
    private var nextShared: SharedBytes?
    /// The number of bytes that the kernel has accepted.
    private var accepted = 0
    private var acceptedAt = NIODeadline.now()
    private var isReported = false
    private var timer: Scheduled<Void>?
    private var isShed = false

    /// Closes the connection when the process exceeds the bound of ``SendMemory``; the session tells the client the
    /// reason when no bytes wait.
    var shed: (any Channel) -> Void = { KernelSendBuffer.abort($0) }

    /// Makes a meter.
    ///
    /// - Parameters:
    ///   - memory: Gets the reports.
    ///   - isEncrypted: Whether the bytes pass through TLS.
    package init(memory: SendMemory, isEncrypted: Bool) {
        self.memory = memory
        self.isEncrypted = isEncrypted
    }

    package func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        stopReporting()
    }

    /// Marks the next write as a slice of bytes that may also wait on other connections.
    func nextIsShared(_ bytes: SharedBytes) {
        if !isEncrypted { nextShared = bytes }
    }

    /// Measures if it is time to; call it before bytes are written.
    func prepareForWrite() {
        if rule.isDueBeforeWrite { measure() }
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        prepareForWrite()
        let count = Self.unwrapOutboundIn(data).readableBytes
        if let bytes = nextShared {
            shared.append((written..<written + count, bytes))
            nextShared = nil
        }
        written += count
        rule.noteWrite(count)
        context.write(data, promise: promise)
    }

    package func flush(context: ChannelHandlerContext) {
        context.flush()
        noteFlush(context.eventLoop)
    }

    /// Notes bytes that the kernel took without passing this handler.
    func noteWrittenStraight(_ count: Int) {
        guard count > 0, let context else { return }
        written += count
        rule.noteWrite(count)
        noteFlush(context.eventLoop)
    }

    private func noteFlush(_ eventLoop: any EventLoop) {
        switch rule.noteFlush(hasShared: !shared.isEmpty) {
        case .wait: break
        case .measureLater: startTimer(eventLoop)
        case .measure: measure()
        }
    }

    private func measure() {
        guard let channel = context?.channel, channel.isActive, !isShed else { return stopReporting() }
        let buffered = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        let kernel = KernelSendBuffer.memory(of: channel)
        rule.noteMeasurement(waiting: buffered + kernel)
        let now = NIODeadline.now()
        if written - buffered > accepted {
            accepted = written - buffered
            acceptedAt = now
        }
        shared.removeAll { $0.range.upperBound <= accepted }
        let sharedWaiting = shared.reduce(0) { $0 + $1.range.upperBound - max($1.range.lowerBound, accepted) }
        let own = buffered - sharedWaiting + kernel
        guard own > SendMemory.floor || sharedWaiting > 0 else { return forget() }
        isReported = true
        let loop = channel.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        memory.report(
            ObjectIdentifier(self),
            .init(own: own, shared: distinctShared, waiting: buffered + kernel, since: acceptedAt)
        ) { loop.execute { bound.value.shedNow() } }
        startTimer(loop)
    }

    private var distinctShared: [SharedBytes] {
        var found: [SharedBytes] = []
        for each in shared where !found.contains(where: { $0 === each.bytes }) { found.append(each.bytes) }
        return found
    }

    private func startTimer(_ loop: any EventLoop) {
        guard timer == nil else { return }
        timer = loop.assumeIsolated().scheduleTask(in: Self.interval) {
            self.timer = nil
            self.measure()
        }
    }

    private func stopReporting() {
        timer?.cancel()
        timer = nil
        shared = []
        forget()
    }

    private func forget() {
        guard isReported else { return }
        isReported = false
        memory.report(ObjectIdentifier(self), nil)
    }

    private func shedNow() {
        guard let channel = context?.channel, !isShed else { return }
        isShed = true
        // The meter may have reported again after `SendMemory` chose it.
        stopReporting()
        shed(channel)
    }
}
