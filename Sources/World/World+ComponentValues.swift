package import JSONValues

extension World {
    /// Refuses a component's value that is larger than it may be, and returns its weight.
    static func checkBound(_ value: JSON, component name: String) throws(WorldError) -> Int {
        switch value {
        case .string(let text):
            try checkLength(of: text, "component '\(name)'")
            return text.utf8.count
        case .array, .object:
            return try WorldError.limit { () throws(JSONLimitError) in try JSONSize(checking: value).weight }
        default: return 0
        }
    }
}

extension ComponentDefinition {
    /// Checks a value for the component, without a world.
    ///
    /// - Parameter value: The value; null for nil.
    /// - Throws: ``WorldError/wrongType(component:expected:given:)``, or that the value is too large.
    package func check(_ value: JSON) throws(WorldError) {
        let fits =
            switch (type, value) {
            case (_, .null), (.string, .string), (.boolean, .bool), (.json, .array), (.json, .object): true
            case (.number, .number(let number)): number.isFinite
            default: false
            }
        guard fits else {
            throw .wrongType(component: name, expected: type == .json ? "table" : type.rawValue, given: value.typeName)
        }
        _ = try World.checkBound(value, component: name)
    }
}
