/// Inputs of sockets for which a tick had no time, because the scripts of earlier ones took it. In the next tick they
/// come first, in order.
///
/// Where the inputs of each tick were cut decides this; a recording holds that.
struct SocketBacklog {
    private var inputs: [SocketInput] = []
    private var start = 0

    var isEmpty: Bool { start == inputs.count }

    /// What waits, in order.
    var waiting: ArraySlice<SocketInput> { inputs[start...] }

    /// Adds an input behind all others.
    mutating func append(_ input: SocketInput) { inputs.append(input) }

    /// Takes the first input.
    mutating func removeFirst() -> SocketInput? {
        guard start < inputs.count else { return nil }
        defer {
            start += 1
            if start == inputs.count {
                inputs.removeAll(keepingCapacity: inputs.capacity <= Self.keptCapacity)
                start = 0
            } else if start > Self.keptCapacity, start > inputs.count / 2 {
                inputs.removeFirst(start)
                start = 0
            }
        }
        return inputs[start]
    }

    private static let keptCapacity = 4096
}
