/// The columns of a world: the system fields, then the components.
package struct ColumnTable {
    /// By place, which is also the dirty bit; a component that a reload took away leaves `nil`.
    package private(set) var all: [Column?]
    /// The components by name.
    package private(set) var components: [String: Column] = [:]
    private let systemColumns: [Column]
    private var capacity = 0

    init() {
        systemColumns = SystemField.allCases.map { Column(name: $0.name, storage: $0.storage, index: $0.rawValue) }
        all = systemColumns
    }

    /// The column of a system field.
    package subscript(field: SystemField) -> Column { systemColumns[field.rawValue] }

    /// The columns of components, in the order of their places.
    package var componentColumns: ArraySlice<Column?> { all.dropFirst(systemColumns.count) }

    /// Makes a component's column, with nil in every slot; it has no name until ``setComponents(_:)``.
    mutating func add(_ name: String, storage: Column.Storage) -> Column {
        let index = all.firstIndex { $0 == nil } ?? all.count
        let column = Column(name: name, storage: storage, index: index)
        column.grow(to: capacity)
        if index == all.count { all.append(column) } else { all[index] = column }
        return column
    }

    /// Takes the list of components that exist from now on; the places of others are free.
    mutating func setComponents(_ columns: [String: Column]) {
        for (name, column) in components where columns[name] !== column { all[column.index] = nil }
        components = columns
    }

    /// Makes room for more slots.
    mutating func grow(to newCapacity: Int) {
        for column in all { column?.grow(to: newCapacity) }
        capacity = newCapacity
    }
}
