/// Why a tree of JSON values refused a value.
package enum JSONLimitError: Error, Equatable, CustomStringConvertible {
    /// The tree would weigh more than ``JSONNode/maxWeight``.
    case tooLarge(limit: Int)
    /// The tree would be nested deeper than ``JSONNode/maxDepth``.
    case tooDeep(limit: Int)

    /// What is allowed.
    package var description: String {
        switch self {
        case .tooLarge(let limit): "a tree of JSON values may hold about \(limit / 1024) KiB"
        case .tooDeep(let limit): "a tree of JSON values may nest \(limit) tables deep"
        }
    }
}
