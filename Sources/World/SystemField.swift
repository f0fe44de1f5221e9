/// The fields that every entity has beside its components [M6.1]: four numbers and three texts. The raw value is the
/// place of the field's column.
public enum SystemField: Int, CaseIterable, Sendable {
    /// Position in tiles; see ``MapGeometry``.
    case x, y
    /// Height, and drawing order; free for the game.
    case z, sort
    /// The side the entity looks to, its current animation, and the name of its graphics.
    case side, action, prefab

    /// The name that scripts and clients use.
    public var name: String { "\(self)" }

    /// What its column holds.
    package var storage: Column.Storage { rawValue < Self.side.rawValue ? .number : .string }
}
