/// A key of a table as scripts use it.
package enum JSONKey: Hashable {
    /// A whole number; 1 is the first element of an array.
    case index(Int)
    case name(String)

    /// The key of a member by its name: text that is a whole number is that number, so that `t["5"]` and `t[5]` are one
    /// place before and after storage.
    init(member name: String) {
        if let number = Int(name), String(number) == name { self = .index(number) } else { self = .name(name) }
    }

    /// The same key in the one form that tables use.
    var normalized: JSONKey { if case .name(let name) = self { JSONKey(member: name) } else { self } }

    /// The name of the member under this key.
    var text: String {
        switch self {
        case .index(let index): String(index)
        case .name(let name): name
        }
    }
}
