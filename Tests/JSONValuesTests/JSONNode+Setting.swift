import JSONValues

extension JSONNode {
    /// Puts a copy of a value under a key of a tree that is stored nowhere; `nil` or null takes the key away.
    func set(_ key: JSONKey, to value: JSON?) throws(JSONLimitError) { make(try change(key, to: value)) }
}
