import NIOCore

/// A polling request that has arrived and waits for its answer. Any thread may use it.
final class EngineExchange: Sendable {
    private let eventLoop: any EventLoop
    private let handler: NIOLoopBound<EnginePollingHandler>

    /// Makes the exchange of a request.
    ///
    /// - Parameters:
    ///   - handler: The handler of the request's channel, which writes the answer.
    ///   - eventLoop: The channel's event loop; call it there.
    init(_ handler: EnginePollingHandler, on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
    }

    private func run(_ action: @escaping @Sendable (EnginePollingHandler) -> Void) {
        let handler = handler
        if eventLoop.inEventLoop { action(handler.value) } else { eventLoop.execute { action(handler.value) } }
    }

    /// Answers the request; once.
    ///
    /// - Parameters:
    ///   - answer: The answer.
    ///   - written: Called on the channel's event loop when the kernel has the answer, or can't get it.
    func answer(_ answer: EngineAnswer, written: @escaping @Sendable (_ isWritten: Bool) -> Void = { _ in }) {
        run { $0.answer(self, answer, written) }
    }

    /// Ends the request's channel without an answer.
    func drop() { run { $0.drop(self) } }
}
