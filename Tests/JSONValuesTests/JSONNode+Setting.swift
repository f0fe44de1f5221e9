import JSONValues

extension JSONNode {
    /// Puts a copy of a value under a key of a tree that belongs to no component; `nil` or null removes the key.
    func set(_ key: JSONKey, to value: JSON?) throws(JSONLimitError) { make(try change(key, to: value)) }
}
