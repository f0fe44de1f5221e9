/// Why a node can't take part in a game that runs on several servers.
package enum ClusterNodeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// With these times a map could run on two nodes.
    case unsafeTimes(LeaseTimes)
    /// Another process has joined under the node's name.
    case nameTaken(NodeName)

    /// What is wrong, and what to do.
    package var description: String {
        switch self {
        case .unsafeTimes(let times):
            "with these times of leases a map could run on two servers: run \(times.run), promise \(times.promise), "
                + "watch \(times.watch), patience \(times.patience), renew \(times.renew), ask \(times.ask); run and "
                + "promise must be less than watch, patience plus renew less than run, and none of the others zero"
        case .nameTaken(let name):
            "another server has joined the game as \(name), so this one stops; give each server a name of its own"
        }
    }
}
