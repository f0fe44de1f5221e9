/// A key of a table as scripts use it.
package enum JSONKey: Hashable {
    /// A whole number; 1 is the first element of an array.
    case index(Int)
    case name(String)

    /// Makes the key of a member from its name.
    ///
    /// A name that is a whole number becomes that index, so that `t["5"]` and `t[5]` are one key before and after the
    /// table was stored.
    init(member name: String) {
        if let number = Int(name), String(number) == name { self = .index(number) } else { self = .name(name) }
    }

    /// The same key in the form that tables use: an index for a name that is a whole number.
    var normalized: JSONKey { if case .name(let name) = self { JSONKey(member: name) } else { self } }

    /// The name of the member under this key.
    var text: String {
        switch self {
        case .index(let index): String(index)
        case .name(let name): name
        }
    }
}
