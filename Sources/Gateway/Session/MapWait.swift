import JSONValues
import NIOCore
import Transport
import Wire

/// A session's waiting for a map that takes no players now: what the client was told, and when the session looks at the
/// map again. Used on the session's event loop only.
struct MapWait {
    /// How often a session looks whether the map takes its player.
    static let interval = TimeAmount.seconds(1)

    /// Why the map takes no players, as the client was told last; `nil` before, and after the waiting.
    private var toldReason: String?
    private var timer: RunningTimer?

    /// Notes why the map takes no players.
    ///
    /// - Parameters:
    ///   - mapID: The map.
    ///   - reason: The reason, which names the map.
    /// - Returns: The message for the client; `nil` when the client has got this message before.
    mutating func notice(ofMap mapID: Int, _ reason: String) -> [UInt8]? {
        guard reason != toldReason else { return nil }
        toldReason = reason
        return JSON.object([
            "action": .string("pause"), "map_id": .number(Double(mapID)), "reason": .string(reason),
        ]).bytes
    }

    /// Looks again when the timer fires, and at no other time that was set before.
    mutating func wait(_ timer: RunningTimer) {
        self.timer?.cancel()
        self.timer = timer
    }

    /// Ends the waiting; the next one tells its reason again.
    mutating func end() {
        timer?.cancel()
        (timer, toldReason) = (nil, nil)
    }

    /// The refusal of a command that comes meanwhile.
    func refusal(of command: Command) -> CommandError {
        CommandError(
            .busy, "\(toldReason ?? "the map is closed"); it takes no commands before load/index comes",
            action: command.action, commandID: command.commandID)
    }
}
