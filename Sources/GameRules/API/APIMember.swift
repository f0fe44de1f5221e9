package import World

/// One name that scripts can use: a field, or a function.
package struct APIMember: Sendable {
    /// How the server implements a field or a function.
    package enum Source: Sendable, Equatable {
        /// The field is a column of the world.
        case column(SystemField)
        /// The host is called for this member.
        case host(ScriptMember)
        /// The field is a proxy of another class for the same entity.
        case proxy(ScriptAPI.ProxyClass)
        /// It is no member of a proxy.
        case none
    }

    /// The name in scripts.
    package var name: String
    /// The type of a field's values, in the notation of the Lua language server; empty for a function.
    package var type: String
    /// Whether scripts may assign it.
    package var isWritable: Bool
    /// Its parameters and results; `nil` for a field.
    package var function: APIFunction?
    /// One sentence about it, which editors show.
    package var about: String
    /// How the server implements it.
    package var source: Source

    /// A field that is a column of the world.
    static func column(_ field: SystemField, _ about: String) -> APIMember {
        APIMember(
            name: field.name, type: field.storage == .number ? "number" : "string", isWritable: true, function: nil,
            about: about, source: .column(field))
    }

    /// A field with the given source.
    static func field(
        _ name: String, _ type: String, _ source: Source, writable: Bool = false, _ about: String
    ) -> APIMember {
        APIMember(name: name, type: type, isWritable: writable, function: nil, about: about, source: source)
    }

    /// A field of a value that is no proxy.
    package static func field(_ name: String, _ type: String, writable: Bool = false, _ about: String) -> APIMember {
        field(name, type, .none, writable: writable, about)
    }

    /// A function; a parameter is written `name: type`, an optional one `name?: type`.
    ///
    /// - Parameters:
    ///   - name: The name in scripts.
    ///   - parameters: The parameters.
    ///   - member: The host's member that implements it; `nil` for a function that is no member of a proxy.
    ///   - returns: The types of its results.
    ///   - changes: Whether it changes the world.
    ///   - isLenient: Whether an argument that can't be converted for the host is no error, see
    ///     `HostClass.Member.method`.
    ///   - shown: The parameters as the server's messages list them; `nil` for their names.
    ///   - about: One sentence about it, which editors show.
    /// - Returns: The member.
    package static func function(
        _ name: String, _ parameters: [String] = [], id member: ScriptMember? = nil, returns: [String] = [],
        changes: Bool = false, isLenient: Bool = false, shown: String? = nil, _ about: String
    ) -> APIMember {
        let parameters = parameters.map(APIFunction.Parameter.init)
        let function = APIFunction(
            parameters: parameters, results: returns, changesWorld: changes, isLenient: isLenient,
            listing: shown ?? parameters.map(\.name).joined(separator: ", "))
        return APIMember(
            name: name, type: "", isWritable: false, function: function, about: about,
            source: member.map(Source.host) ?? Source.none)
    }

    /// The member as messages list it: `x`, `count(type)`.
    package var listing: String { function.map { "\(name)(\($0.listing))" } ?? name }
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
    /// The types of its results.
    package var results: [String]
    /// Whether it changes the world, which a timeout formula must not.
    package var changesWorld: Bool
    /// Whether an argument that can't be converted for the host is no error.
    package var isLenient: Bool
    /// The parameters as the server's messages list them.
    package var listing: String

    /// How many arguments a call needs at least.
    package var minimum: Int { parameters.prefix { !$0.isOptional && $0.name != "..." }.count }
}
