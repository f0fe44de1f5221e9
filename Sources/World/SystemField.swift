/// The system fields that lie in columns; the raw value is the column's place [M6.1].
package enum SystemField: Int, CaseIterable {
    case x, y, z, sort, side, action, prefab

    /// The field's name for scripts and clients.
    package var name: String { "\(self)" }

    /// What its column holds.
    package var storage: Column.Storage { rawValue < Self.side.rawValue ? .number : .string }
}
