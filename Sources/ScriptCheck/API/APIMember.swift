/// One name that scripts can use: a field, or a function.
package struct APIMember: Sendable {
    /// What scripts write.
    package var name: String
    /// The type of a field's values, in the notation of the Lua language server; empty for a function.
    package var type: String
    /// Whether scripts may assign it.
    package var isWritable: Bool
    /// How it is called; `nil` for a field.
    package var function: APIFunction?
    /// One sentence for people.
    package var about: String

    /// A field.
    static func field(_ name: String, _ type: String, writable: Bool = false, _ about: String) -> APIMember {
        APIMember(name: name, type: type, isWritable: writable, function: nil, about: about)
    }

    /// A function; a parameter is written `name: type`, an optional one `name?: type`.
    static func function(
        _ name: String, _ parameters: [String] = [], returns: [String] = [], changes: Bool = false, _ about: String
    ) -> APIMember {
        let function = APIFunction(
            parameters: parameters.map(APIFunction.Parameter.init), results: returns, isChange: changes)
        return APIMember(name: name, type: "", isWritable: false, function: function, about: about)
    }
}

/// How a function is called.
package struct APIFunction: Sendable {
    /// One parameter.
    package struct Parameter: Sendable {
        /// Its name in docs and messages; `...` for any number of them.
        package var name: String
        /// Its type in the notation of the Lua language server.
        package var type: String
        /// Whether it may be left out.
        package var isOptional: Bool

        init(_ text: String) {
            let parts = text.split(separator: ":", maxSplits: 1)
            let name = String(parts[0])
            isOptional = name.hasSuffix("?")
            self.name = isOptional ? String(name.dropLast()) : name
            type = parts.count > 1 ? parts[1].drop { $0 == " " }.description : "any"
        }
    }

    /// The parameters in order.
    package var parameters: [Parameter]
    /// The types of what it returns.
    package var results: [String]
    /// Whether it changes the world, which a timeout formula must not.
    package var isChange: Bool

    /// How many arguments must be there.
    package var minimum: Int { parameters.prefix { !$0.isOptional && $0.name != "..." }.count }

    /// The parameters as docs show them: `x, y, radius [, type]`.
    package var signature: String {
        var text = ""
        for parameter in parameters {
            let separator = text.isEmpty ? "" : ", "
            text += parameter.isOptional ? " [\(separator)\(parameter.name)]" : "\(separator)\(parameter.name)"
        }
        return text.drop { $0 == " " }.description
    }
}
