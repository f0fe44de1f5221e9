import GameRules
import JSONValues
import Wire
import World

/// Names a socket of a map as long as the map exists; used on the map's executor.
struct SocketHandle: Hashable {
    /// Its place in ``MapSockets``; another socket may have it later.
    let slot: Int
    /// Grows with each socket, so that a later socket of the place is another one.
    let serial: UInt64
}

/// One socket as its map knows it.
struct MapSocket {
    /// How far its connection is.
    enum State: Equatable {
        /// `sockets/connect.lua` runs.
        case connecting
        case connected
        /// It gets nothing any more; `sockets/disconnect.lua` runs, or waits for its turn.
        case ending(reason: String)
    }

    let handle: SocketHandle
    let sink: any SocketSink
    /// What is known of its client; without `auth` once the connection is accepted.
    fileprivate(set) var opening: SocketOpening
    fileprivate(set) var state = State.connecting
    /// Its `data`, once a script has used it.
    var data: JSONNode?
    /// The rooms that it joined, in the order in which it did.
    fileprivate(set) var rooms: [String] = []

    /// Names its client, also when that has other sockets: the player, or the address that a guest comes from.
    var client: String {
        if let player = opening.playerID { return "player \(player)" }
        return opening.address.isEmpty ? "socket \(sink.socketID)" : "address \(opening.address)"
    }

    /// Whether events reach it.
    var isReachable: Bool { if case .ending = state { false } else { true } }
}

/// The sockets of a map, their rooms, and what the current tick sends to them. Used on the map's executor.
///
/// It is kept when the scripts' VM is made anew, and lost with the map.
final class MapSockets {
    /// Makes the packets for the sockets.
    let packets: SocketPackets
    private var table: [MapSocket?] = []
    private var freeSlots: [Int] = []
    /// Slots of sockets that are gone; free once the tick's outputs are delivered.
    private var leftSlots: [Int] = []
    private var slots: [SessionID: Int] = [:]
    private var slotsByName: [String: Int] = [:]
    /// Members of a room are only sockets that events reach. Never empty.
    private var rooms: [String: SocketList] = [:]
    /// The sockets that events reach.
    private(set) var reachable = SocketList()
    /// The sockets for which `sockets/disconnect.lua` waits for its turn.
    private var ending: [SocketHandle] = []
    private var endingStart = 0
    private var serial: UInt64 = 0
    var outbox = SocketOutbox()
    var targets = SocketTargets()
    /// Inputs that wait for their turn.
    var backlog = SocketBacklog()
    /// Events of clients that ran, since the map was made.
    private(set) var eventsRun: UInt64 = 0
    /// Events for which the game has no script, since the map was made.
    private(set) var eventsRefused: UInt64 = 0
    private var unknownNames: Set<String> = []

    /// How many different names of events without a script are logged until the game changes.
    private static let maxUnknownNames = 20

    /// Makes a table without sockets.
    init(packets: SocketPackets) { self.packets = packets }

    /// How many sockets there are, those that end included.
    var count: Int { slots.count }
    /// Whether there is no socket, and no client waits to be one.
    var isEmpty: Bool { slots.isEmpty && backlog.isEmpty }

    // MARK: Looking up

    /// A socket; `nil` when it is gone.
    subscript(handle: SocketHandle) -> MapSocket? {
        guard table.indices.contains(handle.slot), let socket = table[handle.slot], socket.handle == handle else {
            return nil
        }
        return socket
    }

    /// The socket of a connection.
    subscript(id: SessionID) -> MapSocket? { slots[id].flatMap { table[$0] } }

    /// The socket of a list.
    subscript(member: SocketList.Member) -> MapSocket? {
        self[SocketHandle(slot: member.slot, serial: member.serial)]
    }

    /// The socket with this id in Socket.IO.
    func named(_ socketID: String) -> MapSocket? { slotsByName[socketID].flatMap { table[$0] } }

    // MARK: Coming and going

    /// Adds a socket whose client wants to connect.
    ///
    /// - Returns: `nil` when a socket has its number or its id already.
    func open(_ sink: any SocketSink, _ opening: SocketOpening) -> MapSocket? {
        guard slots[sink.id] == nil, slotsByName[sink.socketID] == nil else { return nil }
        serial += 1
        let slot = freeSlots.popLast() ?? table.count
        if slot == table.count { table.append(nil) }
        let socket = MapSocket(handle: SocketHandle(slot: slot, serial: serial), sink: sink, opening: opening)
        table[slot] = socket
        slots[sink.id] = slot
        slotsByName[sink.socketID] = slot
        reachable.insert(.init(serial: serial, slot: slot))
        return socket
    }

    /// Notes that a connection is accepted, and forgets what its client gave to connect: no script can ask for it now.
    func accept(_ handle: SocketHandle) {
        update(handle) {
            $0.state = .connected
            $0.opening.auth = .null
        }
    }

    /// Lets no more events reach a socket. For one that was connected, `sockets/disconnect.lua` runs when its turn
    /// comes; the caller removes one that was not.
    ///
    /// - Returns: Whether events reached it until now.
    @discardableResult
    func end(_ handle: SocketHandle, reason: String) -> Bool {
        guard let socket = self[handle], socket.isReachable else { return false }
        update(handle) { $0.state = .ending(reason: reason) }
        reachable.remove(handle.serial)
        for room in socket.rooms { removeMember(handle, of: room) }
        if socket.state == .connected { ending.append(handle) }
        return true
    }

    /// Forgets a socket that has ended.
    func remove(_ handle: SocketHandle, from world: World) {
        guard let socket = self[handle] else { return }
        end(handle, reason: "")
        world.releaseOutside(weight: socket.rooms.reduce(0) { $0 + Self.weight(ofRoom: $1) })
        if let data = socket.data { world.releaseOutside(data, owner: "socket \(socket.sink.socketID)") }
        slots[socket.sink.id] = nil
        slotsByName[socket.sink.socketID] = nil
        leftSlots.append(handle.slot)
        left[handle.slot] = socket.sink
        table[handle.slot] = nil
    }

    /// The connections of slots in ``leftSlots``.
    private var left: [Int: any SocketSink] = [:]

    /// The next socket for which `sockets/disconnect.lua` is to run, with the reason; it is asked for once.
    func takeEnding() -> (socket: MapSocket, reason: String)? {
        while endingStart < ending.count {
            let handle = ending[endingStart]
            endingStart += 1
            if let socket = self[handle], case .ending(let reason) = socket.state { return (socket, reason) }
        }
        ending = []
        endingStart = 0
        return nil
    }

    /// Whether a script waits for its turn.
    var hasWork: Bool { endingStart < ending.count || !backlog.isEmpty }

    /// Returns what the tick sends to each socket, and removes it.
    func takeDeliveries() -> [SocketDelivery] {
        guard !outbox.isEmpty || !leftSlots.isEmpty else { return [] }
        defer {
            freeSlots += leftSlots
            leftSlots.removeAll(keepingCapacity: true)
            left.removeAll(keepingCapacity: true)
        }
        return outbox.drain { table[$0]?.sink ?? left[$0] }
    }

    private func update(_ handle: SocketHandle, _ change: (inout MapSocket) -> Void) {
        guard self[handle] != nil else { return }
        if var socket = table[handle.slot] {
            table[handle.slot] = nil
            change(&socket)
            table[handle.slot] = socket
        }
    }

    /// Changes a socket's data.
    func setData(_ data: JSONNode, of handle: SocketHandle) { update(handle) { $0.data = data } }

    // MARK: Rooms

    /// What it weighs that a socket is in a room, in bytes: about what its name and its place in the list take.
    private static func weight(ofRoom room: String) -> Int { 64 + room.utf8.count }

    /// Puts a socket into a room, which weighs as a socket's data does.
    ///
    /// - Throws: ``ScriptFault`` when it is in as many rooms as it may be, ``WorldError/tooHeavy(limit:kept:)``.
    func join(_ room: String, _ handle: SocketHandle, in world: World) throws {
        guard let socket = self[handle], socket.isReachable, !socket.rooms.contains(room) else { return }
        guard socket.rooms.count < SocketEvents.maxRooms else {
            throw ScriptFault("a socket may be in \(SocketEvents.maxRooms) rooms, and this one is")
        }
        try world.reserveOutside(weight: Self.weight(ofRoom: room))
        update(handle) { $0.rooms.append(room) }
        rooms[room, default: SocketList()].insert(.init(serial: handle.serial, slot: handle.slot))
    }

    /// Takes a socket out of a room.
    func leave(_ room: String, _ handle: SocketHandle, in world: World) {
        guard let socket = self[handle], socket.isReachable, let index = socket.rooms.firstIndex(of: room) else {
            return
        }
        update(handle) { $0.rooms.remove(at: index) }
        world.releaseOutside(weight: Self.weight(ofRoom: room))
        removeMember(handle, of: room)
    }

    private func removeMember(_ handle: SocketHandle, of room: String) {
        rooms[room]?.remove(handle.serial)
        if rooms[room]?.isEmpty == true { rooms[room] = nil }
    }

    /// The sockets of a room: those that joined it, and the one whose id it is.
    private func members(of room: String) -> SocketList {
        var list = rooms[room] ?? SocketList()
        if let socket = named(room), socket.isReachable, !list.contains(socket.handle.serial) {
            list.insert(.init(serial: socket.handle.serial, slot: socket.handle.slot))
        }
        return list
    }

    /// The sockets that a target means now, its sender among them, in the order in which they connected.
    ///
    /// - Complexity: O(n) in the sockets of all its rooms; with several rooms to send to O(n log n).
    func receivers(of target: SocketTarget) -> SocketList {
        var receivers =
            switch target.rooms.count {
            case 0: reachable
            case 1: members(of: target.rooms[0])
            default: SocketList(union: target.rooms.map(members))
            }
        if !target.excluded.isEmpty { receivers.subtract(target.excluded.map(members)) }
        return receivers
    }

    // MARK: Counting

    /// Counts an event that runs.
    func noteEvent() { eventsRun &+= 1 }

    /// Counts an event without a script.
    ///
    /// - Parameter name: Its name.
    /// - Returns: Whether to log it: clients may send any number of such events under any number of names.
    func noteUnknown(_ name: String) -> Bool {
        eventsRefused &+= 1
        return unknownNames.count < Self.maxUnknownNames && unknownNames.insert(name).inserted
    }

    /// Lets events without a script be logged again, because the game has changed.
    func forgetUnknown() { unknownNames = [] }
}
