public import JSONValues

extension EventDefinition {
    /// Checks parameters against the declaration and fills in defaults [M11.2, M11.7].
    ///
    /// - Parameters:
    ///   - given: The parameters as a client, a script or the store gave them.
    ///   - group: The event's group, for messages.
    /// - Returns: The parameters in the order of their declaration.
    /// - Throws: ``WorldError`` for an undeclared, missing or wrongly typed parameter.
    public func complete(_ given: JSONObject, group: String) throws(WorldError) -> JSONObject {
        if parameters.isEmpty, given.isEmpty { return given }
        for name in given.keys where !parameters.contains(where: { $0.name.isExactly(name) }) {
            throw .undeclaredParameter(
                event: "\(group)/\(self.name)", name: name.clipped(to: World.maxNameBytes),
                declared: parameters.map(\.name))
        }
        var result = JSONObject()
        for parameter in parameters {
            guard let value = given[parameter.name], value != .null else {
                guard let defaultValue = parameter.defaultValue else {
                    throw .missingParameter(
                        event: "\(group)/\(name)", name: parameter.name, type: parameter.type.rawValue)
                }
                result.append(unique: parameter.name, defaultValue)
                continue
            }
            guard parameter.type.accepts(value) else {
                throw .wrongParameterType(
                    event: "\(group)/\(name)", name: parameter.name, expected: parameter.type.rawValue,
                    given: value.typeName)
            }
            result.append(unique: parameter.name, value)
        }
        do throws(JSONLimitError) {
            _ = try JSONSize(checking: .object(result))
        } catch {
            throw .parametersTooLarge(event: "\(group)/\(name)", limit: JSONNode.maxWeight, depth: JSONNode.maxDepth)
        }
        return result
    }
}

extension EventParameter.ValueType {
    /// Whether a value is of this type; null has no type.
    ///
    /// - Parameter value: The value.
    /// - Returns: `true` when it fits.
    public func accepts(_ value: JSON) -> Bool {
        switch (self, value) {
        case (_, .null): false
        case (.any, _), (.number, .number), (.string, .string), (.boolean, .bool), (.table, .array), (.table, .object):
            true
        default: false
        }
    }
}
