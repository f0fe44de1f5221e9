/// The fields that every entity has besides its components [M6.1]: four numbers and three texts.
///
/// The raw value is the place of the field's column in the world's list of columns.
public enum SystemField: Int, CaseIterable, Sendable {
    /// Position in tiles; see ``MapGeometry``.
    case x, y
    /// Height, and drawing order; free for the game.
    case z, sort
    /// The direction the entity faces, its current animation, and its prefab.
    case side, action, prefab

    /// The name that scripts and clients use.
    public var name: String {
        // Written out: this is read on each assignment of a text, and "\(self)" would look the name up by reflection.
        switch self {
        case .x: "x"
        case .y: "y"
        case .z: "z"
        case .sort: "sort"
        case .side: "side"
        case .action: "action"
        case .prefab: "prefab"
        }
    }

    /// The bit in ``StringTable/Entry/flags`` of a text that was taken for this field; 0 for a field of numbers.
    package var textFlag: UInt8 { rawValue < Self.side.rawValue ? 0 : 1 << UInt8(rawValue - Self.side.rawValue) }

    /// What its column holds.
    package var storage: Column.Storage { rawValue < Self.side.rawValue ? .number : .string }
}
