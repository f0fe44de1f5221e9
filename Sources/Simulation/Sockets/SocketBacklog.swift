/// Inputs of sockets for which a tick had no time, because the scripts of earlier ones took it. In the next tick they
/// come first, in order.
///
/// Where the inputs of each tick were cut decides this; a recording holds that.
struct SocketBacklog {
    private struct Entry {
        let input: SocketInput
        /// The share that it counts against, and how much; `nil` for an input that is always accepted.
        let cost: (source: WaitingRule.Source, bytes: Int)?
    }

    private var inputs: [Entry] = []
    private var start = 0
    /// How much of each source waits.
    private(set) var shares: [WaitingRule.Source: InputShare] = [:]

    var isEmpty: Bool { start == inputs.count }

    /// How many inputs wait.
    var count: Int { inputs.count - start }

    /// Adds an input behind all others. O(n) in its texts and tables.
    mutating func append(_ input: SocketInput) {
        var cost: (source: WaitingRule.Source, bytes: Int)?
        if case .bounded(let source, let weight) = input.waitingRule {
            cost = (source, WaitingInputs.weight + weight)
            shares[source, default: .none].count += 1
            shares[source, default: .none].bytes += WaitingInputs.weight + weight
        }
        inputs.append(Entry(input: input, cost: cost))
    }

    /// Takes the first input.
    mutating func removeFirst() -> SocketInput? {
        guard start < inputs.count else { return nil }
        if let (source, bytes) = inputs[start].cost {
            shares[source, default: .none].count -= 1
            shares[source, default: .none].bytes -= bytes
        }
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
        return inputs[start].input
    }

    private static let keptCapacity = 4096
}
