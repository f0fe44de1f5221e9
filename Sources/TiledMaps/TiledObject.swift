import JSONValues

/// One JSON object of a file from Tiled. Its functions check types, and name the object (`what`) in their errors.
struct TiledObject {
    let members: JSONObject
    let what: String

    init(_ value: JSON, _ what: String) throws(TiledMap.Mistake) {
        guard case .object(let members) = value else {
            throw TiledMap.Mistake("\(what) is \(value.typeName) where an object should stand")
        }
        self.members = members
        self.what = what
    }

    func wrong(_ key: String, _ expected: String) -> TiledMap.Mistake {
        let found = members[key].map { value in
            let text = value.text
            return text.count > 40 ? "\(value.typeName)" : text
        }
        return TiledMap.Mistake("\(key) of \(what) is \(found ?? "missing"); it must be \(expected)")
    }

    func text(_ key: String, default missing: String) throws(TiledMap.Mistake) -> String {
        switch members[key] {
        case nil, .null: return missing
        case .string(let text): return text
        default: throw wrong(key, "text")
        }
    }

    func flag(_ key: String, default missing: Bool) throws(TiledMap.Mistake) -> Bool {
        switch members[key] {
        case nil, .null: return missing
        case .bool(let flag): return flag
        default: throw wrong(key, "true or false")
        }
    }

    func number(_ key: String, default missing: Double? = nil) throws(TiledMap.Mistake) -> Double {
        switch members[key] {
        case .number(let number) where number.magnitude < 1e9: return number
        case nil where missing != nil: return missing ?? 0
        default: throw wrong(key, "a number")
        }
    }

    func whole(_ key: String, in range: ClosedRange<Int>) throws(TiledMap.Mistake) -> Int {
        guard let number = members[key]?.number, let whole = Int(exactly: number), range.contains(whole) else {
            throw wrong(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return whole
    }

    func list(_ key: String) throws(TiledMap.Mistake) -> [JSON] {
        switch members[key] {
        case nil: return []
        case .array(let elements): return elements
        default: throw wrong(key, "an array")
        }
    }

    /// The class of an object or a tile: Tiled 1.9 wrote `class` where versions before and after it write `type`.
    func className() throws(TiledMap.Mistake) -> String {
        let type = try text("type", default: "")
        return try type.isEmpty ? text("class", default: "") : type
    }

    /// Tiled's custom properties as one object. The value of a class property is an object itself.
    func properties() throws(TiledMap.Mistake) -> JSONObject {
        var properties = JSONObject()
        for element in try list("properties") {
            let property = try TiledObject(element, "a property of \(what)")
            guard let name = property.members["name"]?.string, let value = property.members["value"] else {
                throw TiledMap.Mistake("a property of \(what) lacks its name or value; export the map from Tiled again")
            }
            properties[name] = value
        }
        return properties
    }

    /// A bool property, such as `walkable`; `nil` if there is no such property.
    func flagProperty(_ name: String) throws(TiledMap.Mistake) -> Bool? {
        switch try properties()[name] {
        case nil: return nil
        case .bool(let flag): return flag
        case .some(let value):
            throw TiledMap.Mistake("the property \(name) of \(what) is \(value.text); make it a bool, true or false")
        }
    }
}
