public import JSONValues

/// The state of one event group on one entity.
package struct EventState {
    /// The value of `action` when nothing is pending.
    package static let idle: Int32 = -1

    /// When the group's timeout ends, Unix time in seconds.
    package var time = 0.0
    /// The sender's clock in milliseconds; NaN when no client sent the event.
    package var commandID = Double.nan
    /// When the server received the command, Unix time in seconds.
    package var receivedAt = 0.0
    /// Whether a client sent the pending event.
    package var isFromClient = false
    /// The pending event's place in its group, or `idle`.
    package var action = idle
    /// The stamp of the pending event's heap entry; an entry with another stamp is outdated.
    var stamp: UInt32 = 0
    /// Whether the pending event waits for `time`; then it counts as run at that moment, not at the tick that runs it.
    var isWaiting = false
    /// Whether the pending event was left pending when it was due, and the heap has no entry for it.
    var isParked = false
    /// Whether the group was ever used on the entity; only such groups are sent to clients.
    package var exists = false
    /// Whether an event is pending.
    package var isPending: Bool { action != Self.idle }
    /// The pending event's parameters.
    package var data: JSONObject? {
        didSet { dataWeight = data?.keptWeight ?? 0 }
    }
    /// The weight of ``data``, for ``World/checkRoom(for:)``.
    package private(set) var dataWeight = 0

    /// The state that clients have.
    package var sent = Sent()

    /// A group's state as clients have it.
    package struct Sent {
        /// When the group's timeout ends, Unix time in seconds.
        package var time = 0.0
        /// The sender's clock in milliseconds; NaN for none.
        package var commandID = Double.nan
        /// The event's parameters; `nil` for none.
        package var data: JSONObject?
        /// The pending event's place in its group, or `idle`.
        package var action = idle
        /// Whether clients know the group.
        package var exists = false
    }
}

extension EventState {
    /// Makes the group idle, and leaves its time and ``stamp``.
    mutating func forgetPending() {
        action = Self.idle
        if case .some = data { data = nil }
        commandID = .nan
        isFromClient = false
        isParked = false
    }

    /// Notes that clients have the current state.
    mutating func markSent() {
        sent = Sent(time: time, commandID: commandID, data: data, action: action, exists: exists)
    }
}

extension UnsafePointer<EventState> {
    /// Whether the group was used and clients have another state of it, or no state. Of the pointer, because a property
    /// of the state would be called with a copy of it.
    package var differsFromSent: Bool {
        guard pointee.exists else { return false }
        if pointee.time != pointee.sent.time || pointee.action != pointee.sent.action || !pointee.sent.exists {
            return true
        }
        return !pointee.commandID.isSame(as: pointee.sent.commandID) || pointee.data != pointee.sent.data
    }
}

/// The names of a group and its events as they are written on the wire.
package struct EncodedGroupNames {
    /// The group's name as a JSON key, with its colon.
    package let key: [UInt8]
    /// The events' names as JSON, in the order of the definition.
    package let events: [[UInt8]]

    init(_ group: EventGroupDefinition) {
        key = JSON.string(group.name).bytes + [UInt8(ascii: ":")]
        events = group.events.map { JSON.string($0.name).bytes }
    }
}

/// A due event whose turn to run has come.
public struct DueEvent: Sendable, Equatable {
    /// The entity it acts on.
    public var entity: EntityHandle
    /// The group's place in ``Schema/groups``; see ``World/World/names(of:)``.
    public var group: Int
    /// The event's place in ``EventGroupDefinition/events``.
    public var action: Int
    /// Its parameters; `nil` when it declares none.
    public var data: JSONObject?
    /// The sender's clock in milliseconds; `nil` when no client sent it.
    public var commandID: Double?
    /// When the server received the command, Unix time in seconds; 0 when no client sent it.
    public var receivedAt: Double
    /// Whether a client sent it.
    public var isFromClient: Bool
    /// The moment at which the event counts as run, Unix time in seconds: when it was due, if it waited for that moment
    /// and that is at most 2 seconds ago; else the time of the tick.
    public var at: Double
}
