import JSONValues
import World

/// A JSON value whose objects compare without regard to the order of their members.
struct Sorted: Equatable, CustomStringConvertible {
    let json: JSON

    init(_ json: JSON) { self.json = Self.sorted(json) }

    var description: String { json.text }

    private static func sorted(_ json: JSON) -> JSON {
        switch json {
        case .array(let elements): return .array(elements.map(sorted))
        case .object(let object):
            var result = JSONObject()
            for member in object.members.sorted(by: { $0.key < $1.key }) {
                result.append(unique: member.key, sorted(member.value))
            }
            return .object(result)
        default: return json
        }
    }
}
