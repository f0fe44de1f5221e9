internal import CLuaRuntime

/// The description of a kind of proxy.
public struct HostClass: Sendable {
    /// How the VM treats the proxies of a class.
    public struct Options: OptionSet, Sendable {
        /// The raw bits.
        public let rawValue: UInt32
        /// Creates options from raw bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// `slot` and `generation` name a row of the store; using the proxy of a dead row is an error.
        public static let live = Options(rawValue: UInt32(PLR_CLASS_LIVE))
        /// An entity: live, one proxy a row, cached by slot; its `toString` is its key.
        public static let entity = Options(rawValue: UInt32(PLR_CLASS_ENTITY | PLR_CLASS_LIVE | PLR_CLASS_BY_SLOT))
        /// Live, and one proxy a row: cached by slot. The auxiliary fields must be 0.
        public static let bySlot = Options(rawValue: UInt32(PLR_CLASS_BY_SLOT | PLR_CLASS_LIVE))
        /// Keys that are no member go to the host as `index` and `newIndex` (else as `unknown`), and `pairs`, `next`
        /// and `keys` ask the host's `next`. For all other classes but ``HostClass/Options/entities``, the VM lists
        /// the members that are not nil, and columns only if they are declared for the row's kind.
        public static let dynamic = Options(rawValue: UInt32(PLR_CLASS_DYNAMIC))
        /// The collection of all entities; ``HostClass/related`` names the entity class. `pairs` is done by the VM over
        /// the store; reading an unknown key asks `index`, assigning asks `newIndex`.
        public static let entities = Options(rawValue: UInt32(PLR_CLASS_ENTITIES))
        /// Counts as a table: for `copy`, `array`, `unpack` and the functions of `table`, which refuse proxies of all
        /// other classes, and wherever a table is given to the host. The host answers `pack`, and must not call scripts
        /// while it does.
        public static let packs = Options(rawValue: UInt32(PLR_CLASS_PACKS))
        /// With ``packs``: `set` and `newIndex` give the host the object itself, ``HostCall/ValueType/reference`` or
        /// ``PackedReader/Item/reference(_:)`` inside of a table, so that the host may move it. All other operations
        /// have it packed.
        public static let movable = Options(rawValue: UInt32(PLR_CLASS_MOVABLE))
    }

    /// A name that every proxy of the class has.
    public struct Member: Sendable {
        var name: String
        var kind: UInt32
        var index: UInt32
        var minimum: UInt32 = 0
        var flags: UInt32 = 0

        /// A column of the store, by its position in ``HostStore/setColumns(_:)``.
        public static func column(_ name: String, _ index: Int) -> Member {
            Member(name: name, kind: UInt32(PLR_MEMBER_COLUMN), index: UInt32(index))
        }
        /// A property that the host reads (`get`) and, if writable, assigns (`set`); assigning a property that is not
        /// writable is `unknown`.
        public static func property(_ name: String, id: UInt32, writable: Bool = false) -> Member {
            Member(
                name: name, kind: UInt32(PLR_MEMBER_PROPERTY), index: id,
                flags: writable ? UInt32(PLR_MEMBER_WRITABLE) : 0)
        }
        /// A method, called as `o.name(…)` or `o:name(…)`.
        ///
        /// - Parameters:
        ///   - name: The method's name.
        ///   - id: The host's ``HostCall/memberID``.
        ///   - minimum: The number of arguments it needs. If the first argument is the object itself, it is dropped
        ///     when more than `minimum` arguments are given or the call has a colon, so that `a.distance(a)` and
        ///     `a:distance(b)` both work.
        ///   - isLenient: Whether an argument that can't cross (a function inside, a cycle, NaN, a removed entity) is
        ///     no error. The host then gets `minimum` arguments, after them the reason, and after that the other
        ///     arguments: one of the first `minimum` arguments that can't cross arrives as nil, and the reason is a
        ///     message, or nil if all of these arguments crossed.
        /// - Returns: The member.
        public static func method(_ name: String, id: UInt32, minimum: Int = 0, isLenient: Bool = false) -> Member {
            Member(
                name: name, kind: UInt32(PLR_MEMBER_METHOD), index: id, minimum: UInt32(minimum),
                flags: isLenient ? UInt32(PLR_MEMBER_LENIENT) : 0)
        }
        /// A proxy of another class with the same slot and generation, such as `object.components`.
        public static func subproxy(_ name: String, classID: UInt16) -> Member {
            Member(name: name, kind: UInt32(PLR_MEMBER_SUBPROXY), index: UInt32(classID))
        }
    }

    /// The class, 1 to 255.
    public var id: UInt16
    /// A word for messages, such as `entity`.
    public var name: String
    /// How the VM treats the proxies.
    public var options: Options
    /// The class of its entities, for ``Options/entities``; the class of the entity it belongs to, for
    /// ``Options/live``.
    public var related: UInt16
    /// The names that every proxy has.
    public var members: [Member]

    /// Creates a description.
    public init(id: UInt16, name: String, options: Options, related: UInt16 = 0, members: [Member] = []) {
        self.id = id
        self.name = name
        self.options = options
        self.related = related
        self.members = members
    }
}
