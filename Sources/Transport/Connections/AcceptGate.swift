package import Logging
package import NIOCore

/// Lets a listener accept only while ``ConnectionCapacity`` has room; it is the first handler of the listener's
/// channel.
package final class AcceptGate: ChannelDuplexHandler {
    package typealias InboundIn = any Channel
    package typealias InboundOut = any Channel
    package typealias OutboundIn = Never
    package typealias OutboundOut = Never

    private let capacity: ConnectionCapacity
    private let logger: Logger
    private var isWaiting = false
    private var lastLoggedAt: NIODeadline?

    init(capacity: ConnectionCapacity, logger: Logger) {
        self.capacity = capacity
        self.logger = logger
    }

    /// Guards a listener that is bound already.
    ///
    /// - Parameters:
    ///   - channel: The listener.
    ///   - capacity: The limit that the listener shares with other listeners.
    ///   - logger: Reports that a connection can't be accepted.
    /// - Throws: ``ChannelError`` for a listener that is closed.
    package static func guarding(_ channel: any Channel, capacity: ConnectionCapacity, logger: Logger) async throws {
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(
                AcceptGate(capacity: capacity, logger: logger), position: .first)
        }.get()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let capacity = capacity
        capacity.connectionOpened()
        Self.unwrapInboundIn(data).closeFuture.whenComplete { _ in capacity.connectionClosed() }
        context.fireChannelRead(data)
    }

    package func read(context: ChannelHandlerContext) {
        guard !isWaiting else { return }
        let loop = context.eventLoop
        let bound = NIOLoopBound((gate: self, context: context), eventLoop: loop)
        let isFree = capacity.mayAccept(orElse: { loop.execute { bound.value.gate.retry(bound.value.context) } })
        isWaiting = !isFree
        if isFree { context.read() }
    }

    /// Asks the capacity again, because other listeners may have used the free room.
    private func retry(_ context: ChannelHandlerContext) {
        isWaiting = false
        if context.channel.isActive { read(context: context) }
    }

    /// Accepting failed in spite of the capacity, at a limit of the system: NIO waits a second before it accepts again.
    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if lastLoggedAt.map({ .now() - $0 >= .seconds(60) }) ?? true {
            lastLoggedAt = .now()
            logger.warning("a connection could not be accepted", metadata: ["error": "\(error)"])
        }
        context.fireErrorCaught(error)
    }
}
