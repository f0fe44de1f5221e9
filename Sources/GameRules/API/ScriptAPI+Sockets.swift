/// What scripts can use of Socket.IO: `socket` in the files of `sockets/`, and `io` in all scripts of a game that has
/// such files.
extension ScriptAPI {
    /// The classes of these values.
    package static let socketClasses = [socket, broadcast, target, sockets, io]

    /// `socket`, and the values of `io.sockets`.
    package static let socket = Class(
        name: "Socket", article: "a socket", about: "A connected client: `socket`, `io.sockets[id]`, a loop's value.",
        members: [
            .field("id", "string", .host(.socketID), "Its id, which the client knows too."),
            .field("login", "string?", .host(.socketLogin), "The login of its player, nil for a guest."),
            .field("player_id", "integer?", .host(.socketPlayerID), "The number of its player, nil for a guest."),
            .field("address", "string", .host(.socketAddress), "The address that it comes from."),
            .field(
                "data", "table", .host(.socketData), writable: true,
                "A table that is kept while it is connected, up to 16 KiB; empty at first."),
            .field("connected", "boolean", .host(.socketConnected), "Whether it is connected."),
            .field("rooms", "string[]", .host(.socketRooms), "The rooms that it joined."),
            .field("broadcast", "SocketBroadcast", .host(.socketBroadcast), "Everyone but this socket."),
            .function("emit", emitted, id: .socketEmit, changes: true, "Sends an event to its client."),
            .function("join", ["room: string"], id: .socketJoin, changes: true, "Puts it into a room."),
            .function("leave", ["room: string"], id: .socketLeave, changes: true, "Takes it out of a room."),
            .function(
                "to", ["room: string"], id: .socketTo, returns: ["SocketTarget"],
                "Everyone in a room but this socket."),
            .function(
                "disconnect", id: .socketDisconnect, changes: true,
                "Ends its connection; in sockets/connect.lua it refuses it."),
        ])

    /// `socket.broadcast`.
    package static let broadcast = Class(
        name: "SocketBroadcast", article: "broadcast", about: "Everyone but one socket: `socket.broadcast`.",
        members: [
            .function("emit", emitted, id: .broadcastEmit, changes: true, "Sends an event to everyone but the socket."),
            .function(
                "to", ["room: string"], id: .broadcastTo, returns: ["SocketTarget"],
                "Everyone in a room but the socket."),
            .function(
                "except", ["room: string"], id: .broadcastExcept, returns: ["SocketTarget"],
                "Everyone but the socket and those in a room."),
        ])

    /// What `to` and `except` return.
    package static let target = Class(
        name: "SocketTarget", article: "a target", about: "The sockets of some rooms: what `to` and `except` return.",
        members: [
            .function("emit", emitted, id: .targetEmit, changes: true, "Sends an event to all of them."),
            .function(
                "to", ["room: string"], id: .targetTo, returns: ["SocketTarget"],
                "Those of another room as well; the id of a socket is a room with it alone."),
            .function(
                "except", ["room: string"], id: .targetExcept, returns: ["SocketTarget"], "Without those of a room."),
        ])

    /// `io.sockets`.
    package static let sockets = Class(
        name: "Sockets", article: "io.sockets",
        about: "The connected sockets by id; a loop gives them in the order in which they connected.", members: [])

    /// `io`.
    package static let io = Class(
        name: "IO", article: "io",
        about: "All sockets of the game. In every script of a game that has files in sockets/.",
        members: [
            .field("sockets", "Sockets", .host(.ioSockets), "The connected sockets."),
            .function("emit", emitted, id: .ioEmit, changes: true, "Sends an event to everyone."),
            .function(
                "to", ["room: string"], id: .ioTo, returns: ["SocketTarget"],
                "Everyone in a room; the id of a socket is a room with it alone."),
            .function(
                "except", ["room: string"], id: .ioExcept, returns: ["SocketTarget"], "Everyone who is not in a room."),
        ])

    private static let emitted = ["name: string", "...: any"]
}
