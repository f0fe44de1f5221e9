internal import CLuaRuntime

/// A handle to something that the host owns; a script sees it as a proxy of class ``classID``.
///
/// References that are equal in every field are one and the same value in Lua. The host may use the fields beside
/// `classID` as it likes, except that a class with ``HostClass/Options/live`` names a row of the ``HostStore`` by
/// `slot` and `generation`.
public struct HostReference: Sendable, Hashable {
    /// The class, as registered with ``LuaSandbox/register(_:)``, 1 to 255.
    public var classID: UInt16
    /// Free for the host.
    public var auxiliary16: UInt16
    /// The row, for classes that are `live`.
    public var slot: UInt32
    /// The row's generation when the reference was made, for classes that are `live`.
    public var generation: UInt32
    /// Free for the host.
    public var auxiliary: UInt32

    /// Creates a reference.
    public init(
        classID: UInt16, slot: UInt32 = 0, generation: UInt32 = 0, auxiliary: UInt32 = 0, auxiliary16: UInt16 = 0
    ) {
        self.classID = classID
        self.auxiliary16 = auxiliary16
        self.slot = slot
        self.generation = generation
        self.auxiliary = auxiliary
    }

    @inline(__always)
    init(_ ref: plr_ref) {
        self.init(
            classID: ref.cls, slot: ref.slot, generation: ref.generation, auxiliary: ref.aux, auxiliary16: ref.aux16)
    }

    @inline(__always)
    var ref: plr_ref {
        plr_ref(cls: classID, aux16: auxiliary16, slot: slot, generation: generation, aux: auxiliary)
    }
}
