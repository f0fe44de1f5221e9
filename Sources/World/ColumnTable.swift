/// The columns of a world: the system fields, then the components.
package struct ColumnTable {
    /// The columns by ``Column/index``, which is also the dirty bit; `nil` where a reload removed a component.
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

    /// The columns of components, in the order of ``Column/index``.
    package var componentColumns: ArraySlice<Column?> { all.dropFirst(systemColumns.count) }

    /// Makes a component's column, with nil in every slot; ``setComponents(_:)`` adds it to ``components`` later.
    mutating func add(_ name: String, storage: Column.Storage) -> Column {
        let index = all.firstIndex { $0 == nil } ?? all.count
        let column = Column(name: name, storage: storage, index: index)
        column.grow(to: capacity)
        if index == all.count { all.append(column) } else { all[index] = column }
        return column
    }

    /// Replaces the components; the places of components that are gone become free.
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
