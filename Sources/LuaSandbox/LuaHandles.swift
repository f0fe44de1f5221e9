internal import CLuaRuntime

/// An environment of a script: its own globals over the shared ones. Released with `LuaSandbox.release(_:)`.
public struct LuaEnvironment: Hashable, Sendable {
    let index: UInt32
    let serial: UInt32
    var handle: plr_handle { plr_handle(index: index, serial: serial) }
    init(_ handle: plr_handle) {
        index = handle.index
        serial = handle.serial
    }
}

/// A compiled script. Runs in the environment for which it was compiled.
public struct LuaFunction: Hashable, Sendable {
    let index: UInt32
    let serial: UInt32
    var handle: plr_handle { plr_handle(index: index, serial: serial) }
    init(_ handle: plr_handle) {
        index = handle.index
        serial = handle.serial
    }
}

/// The interned name of a global, for setting it without looking it up. Lasts as long as its sandbox.
public struct LuaName: Hashable, Sendable {
    let id: UInt32
}
