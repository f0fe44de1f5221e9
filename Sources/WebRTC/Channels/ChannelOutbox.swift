import NIOCore

/// What waits to be given to SCTP, in its order: messages that must arrive, and resets of streams that follow them.
///
/// Messages wait here rather than in SCTP, so that what may get lost is not sent behind all of them, and so that they
/// are counted. The owner bounds it: ``RTCPeer`` refuses messages above a limit, a session stops sending before.
struct ChannelOutbox {
    /// One thing to do.
    enum Item {
        case message(SCTPAssociation.Terms, PayloadProtocol, ByteBuffer)
        case reset(stream: UInt16)
    }

    /// The memory that an item takes beside its bytes, so that many short messages count too.
    static let itemBytes = 128

    private var items = CircularBuffer<Item>(initialCapacity: 0)
    /// How many bytes wait, with ``itemBytes`` for each item.
    private(set) var bytes = 0

    /// Whether nothing waits.
    var isEmpty: Bool { items.isEmpty }

    /// The next thing.
    var first: Item? { items.first }

    /// Adds a thing.
    mutating func append(_ item: Item) {
        items.append(item)
        bytes += Self.size(of: item)
    }

    /// Removes the messages of a stream.
    mutating func remove(_ stream: UInt16) {
        let rest = items.filter { item in
            if case .message(let terms, _, _) = item { terms.stream != stream } else { true }
        }
        guard rest.count < items.count else { return }
        self = ChannelOutbox()
        for item in rest { append(item) }
    }

    /// Removes the first thing.
    mutating func removeFirst() {
        guard let item = items.popFirst() else { return }
        bytes -= Self.size(of: item)
        if items.isEmpty { items = CircularBuffer(initialCapacity: 0) }
    }

    private static func size(of item: Item) -> Int {
        if case .message(_, _, let message) = item { itemBytes + message.readableBytes } else { itemBytes }
    }
}
