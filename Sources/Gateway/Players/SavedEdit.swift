package import JSONValues
package import World

/// Changes of the saved values of a player.
package struct SavedEdit: Sendable {
    /// Fields of the entity by name: `x`, `y`, `z`, `sort`, `side`, `action`, `prefab`.
    package var fields: JSONObject
    /// Components by name; null for nil.
    package var components: JSONObject

    /// Reads a change.
    ///
    /// - Parameter body: An object with `fields`, `components` or both.
    /// - Throws: ``GatewayError`` with the field that is wrong.
    package init(_ body: JSONObject) throws(GatewayError) {
        func object(_ name: String) throws(GatewayError) -> JSONObject {
            guard let value = body[name] else { return [:] }
            guard let object = value.object else {
                throw .badRequest("\(name) must be an object, not \(value.typeName)", field: name)
            }
            return object
        }
        fields = try object("fields")
        components = try object("components")
        if let other = body.keys.first(where: { !["fields", "components"].contains($0) }) {
            throw .badRequest(
                "there is no \"\(other.prefix(40))\" to change; give fields or components", field: "fields")
        }
        guard !fields.isEmpty || !components.isEmpty else {
            throw .badRequest("nothing is changed; give fields or components", field: "fields")
        }
    }

    private static let numbers: [(name: String, path: any (WritableKeyPath<EntityRecord, Double> & Sendable))] = [
        ("z", \.z), ("sort", \.sort),
    ]
    private static let places: [(name: String, path: any (WritableKeyPath<EntityRecord, Double?> & Sendable))] = [
        ("x", \.x), ("y", \.y),
    ]
    private static let texts: [(name: String, path: any (WritableKeyPath<EntityRecord, String> & Sendable))] = [
        ("side", \.side), ("action", \.action), ("prefab", \.prefab),
    ]

    /// The fields that can be changed, in their order.
    package static let fieldNames = places.map(\.name) + numbers.map(\.name) + texts.map(\.name)

    /// The value of a field.
    ///
    /// - Parameters:
    ///   - name: The field.
    ///   - record: The entity.
    /// - Returns: A number or a text; `nil` for another name.
    package static func value(_ name: String, of record: EntityRecord) -> JSON? {
        if let (_, path) = places.first(where: { $0.name == name }) {
            return record[keyPath: path].map(JSON.number) ?? .null
        }
        if let (_, path) = numbers.first(where: { $0.name == name }) { return .number(record[keyPath: path]) }
        if let (_, path) = texts.first(where: { $0.name == name }) { return .string(record[keyPath: path]) }
        return nil
    }

    /// What the changed values are in a record.
    func values(of record: EntityRecord) -> JSONObject {
        var values = JSONObject()
        for name in fields.keys { values[name] = Self.value(name, of: record) ?? .null }
        for name in components.keys { values["components.\(name)"] = record.components[name] ?? .null }
        return values
    }

    /// Changes a record.
    ///
    /// - Parameters:
    ///   - record: The saved entity.
    ///   - schema: What the game declares; `nil` when it is not known.
    /// - Throws: ``GatewayError`` for a value that does not fit, with its name as the field.
    func apply(to record: inout EntityRecord, _ schema: Schema?) throws(GatewayError) {
        for (name, value) in fields.members { try set(name, value, in: &record) }
        for (name, value) in components.members {
            try Self.check(name, value, schema)
            record.components[name] = value
        }
    }

    private func set(_ name: String, _ value: JSON, in record: inout EntityRecord) throws(GatewayError) {
        func number() throws(GatewayError) -> Double {
            guard let number = value.number, number.isFinite else {
                throw .badRequest("\(name) must be a finite number, not \(value.typeName)", field: name)
            }
            return number
        }
        if let (_, path) = Self.places.first(where: { $0.name == name }) {
            record[keyPath: path] = try number()
        } else if let (_, path) = Self.numbers.first(where: { $0.name == name }) {
            record[keyPath: path] = try number()
        } else if let (_, path) = Self.texts.first(where: { $0.name == name }) {
            guard let text = value.string else {
                throw .badRequest("\(name) must be text, not \(value.typeName)", field: name)
            }
            do throws(WorldError) {
                try World.checkName(text, name)
            } catch {
                throw .badRequest("\(error)", field: name)
            }
            guard name != "action" || text != "remove" else {
                throw .badRequest("action can't be remove: clients take it for the removal of the entity", field: name)
            }
            record[keyPath: path] = text
        } else {
            throw .badRequest(
                "there is no field \"\(name.prefix(40))\" to change; there are \(Self.fieldNames.joined(separator: ", "))",
                field: "fields")
        }
    }

    /// Checks a component's value against its declaration.
    private static func check(_ name: String, _ value: JSON, _ schema: Schema?) throws(GatewayError) {
        let declared = (schema?.components ?? []).filter { $0.kinds.contains(.players) }
        guard let component = declared.first(where: { $0.name == name }) else {
            let known = declared.map(\.name).joined(separator: ", ")
            throw .badRequest(
                "players have no component \"\(name.prefix(40))\"; they have \(known.isEmpty ? "none" : known)",
                field: "components")
        }
        do throws(WorldError) {
            try component.check(value)
        } catch {
            throw .badRequest("\(error)", field: name)
        }
    }
}
