package import NIOCore

extension MapActor {
    /// Passes messages to their sessions: one job for each thread.
    static func deliver(_ deliveries: [MapSimulation.Delivery]) {
        var batches: [ObjectIdentifier: (thread: SessionThread, deliveries: [MapSimulation.Delivery])] = [:]
        for delivery in deliveries {
            let thread = delivery.sink.thread
            batches[thread.id, default: (thread, [])].deliveries.append(delivery)
        }
        for (thread, batch) in batches.values {
            thread.execute {
                for delivery in batch { delivery.sink.deliver(delivery.message) }
                for delivery in batch { delivery.sink.flush() }
            }
        }
    }

    /// Passes what a tick sent to sockets to them: one job for each thread.
    static func deliver(_ deliveries: [SocketDelivery]) {
        var batches: [ObjectIdentifier: (thread: SessionThread, deliveries: [SocketDelivery])] = [:]
        for delivery in deliveries {
            let thread = delivery.sink.thread
            batches[thread.id, default: (thread, [])].deliveries.append(delivery)
        }
        for (thread, batch) in batches.values {
            thread.execute {
                for delivery in batch {
                    for output in delivery.outputs { delivery.sink.deliver(output) }
                    delivery.sink.flush()
                }
            }
        }
    }
}

extension SessionThread {
    /// The thread of an event loop.
    ///
    /// - Parameter eventLoop: The loop; its connections are sessions of the same thread.
    package init(_ eventLoop: any EventLoop) { self.init(of: eventLoop) { eventLoop.execute($0) } }
}
