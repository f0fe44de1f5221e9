package import Foundation

/// A small game that a benchmark serves: one thing happens in it, and all of it is known.
package struct BenchGame: Sendable, Equatable {
    /// Ticks a second, and as many deltas, unless a benchmark chooses another rate.
    package static let tickRateHz = 30
    /// The name of every game of the bench.
    package static let name = "Bench"

    /// The texts of the files, by their path in the game folder.
    package var files: [String: String]

    /// Makes a game.
    ///
    /// - Parameter files: The texts of the files, by their path in the game folder.
    package init(files: [String: String]) { self.files = files }

    /// A game in which players walk: `move/left` and `move/right` are one step each, run by a script.
    ///
    /// - Parameters:
    ///   - maps: How many maps there are.
    ///   - side: Width and height of each map, in tiles.
    ///   - viewDistance: `view_distance` in tiles; 0 shows the whole map.
    ///   - settings: Further lines of `game.yaml`, such as `position_decimals: 2`.
    ///   - annotations: Annotations of the group `move`, such as `share none`.
    /// - Returns: The game.
    package static func walking(
        maps: Int = 1, side: Int = 64, viewDistance: Int = 0, settings: [String] = [], annotations: [String] = []
    ) -> BenchGame {
        var game = BenchGame(files: [:])
        game.configure(Self.tickRateHz, ["view_distance: \(viewDistance)"] + settings)
        for map in 1...maps { game.files["maps/\(map)-bench.tmj"] = Self.map(side: side) }
        for (name, step) in [("left", "- 1"), ("right", "+ 1")] {
            game.files["events/move/\(name).lua"] = """
                --@public true
                object.x = object.x \(step)
                object.action = "move"

                """
        }
        game.files["events/move/timeout.lua"] =
            annotations.map { "--@\($0)\n" }.joined() + "return 0.1\n"
        return game
    }

    /// A game in which creatures walk to way points, each by an event that adds itself again in every tick.
    ///
    /// - Parameters:
    ///   - count: How many creatures there are.
    ///   - tickRateHz: Ticks a second, and as many deltas, but not more than ``tickRateHz``.
    ///   - settings: Further lines of `game.yaml`.
    ///   - annotations: Annotations of the group `walk`, such as `share none`.
    /// - Returns: The game.
    package static func creatures(
        _ count: Int, tickRateHz: Int = Self.tickRateHz, settings: [String] = [], annotations: [String] = []
    ) -> BenchGame {
        let side = 200
        var game = BenchGame(files: [:])
        game.configure(tickRateHz, settings)
        game.files["maps/1-bench.tmj"] = Self.map(side: side, creatures: count)
        game.files["components/goal_x.lua"] = "--@type number\n--@default 100\n--@entities animals\n--@private\n"
        game.files["components/goal_y.lua"] = "--@type number\n--@default 100\n--@entities animals\n--@private\n"
        game.files["spawn/animals.lua"] = "object.events.add(\"walk\")\n"
        game.files["events/walk/timeout.lua"] = annotations.map { "--@\($0)\n" }.joined() + "return 0\n"
        game.files["events/walk/index.lua"] = """
            local goal = object.components
            local dx, dy = goal.goal_x - object.x, goal.goal_y - object.y
            if dx * dx + dy * dy < 1 then
              goal.goal_x, goal.goal_y = math.random(1, 198), math.random(1, 198)
            end
            local step = 0.1
            object.x = object.x + (dx > 0 and step or -step)
            object.y = object.y + (dy > 0 and step or -step)
            object.side = dx > 0 and "right" or "left"
            object.action = "walk"
            object.events.add("walk")

            """
        return game
    }

    /// Sets `tick_rate` in a game that exists, and lowers `send_rate` where it would be higher.
    ///
    /// - Parameters:
    ///   - configuration: The text of `game.yaml`.
    ///   - tickRateHz: The new rate.
    /// - Returns: The changed text.
    package static func configuration(_ configuration: String, withTickRate tickRateHz: Int) -> String {
        var lines = configuration.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines.removeAll { $0.hasPrefix("tick_rate:") }
        lines = lines.map { line in
            guard line.hasPrefix("send_rate:") else { return line }
            let digits = line.dropFirst("send_rate:".count).drop { $0 == " " }.prefix { $0.isNumber }
            return Int(digits).map { $0 > tickRateHz } == true ? "send_rate: \(tickRateHz)" : line
        }
        return "tick_rate: \(tickRateHz)\n" + lines.joined(separator: "\n")
    }

    /// Replaces lines in the `game.yaml` of a game that exists, or adds them.
    ///
    /// - Parameters:
    ///   - configuration: The text of `game.yaml`.
    ///   - settings: Lines such as `max_sessions: 100`; each replaces the one with the same key.
    /// - Returns: The changed text.
    package static func configuration(_ configuration: String, with settings: [String]) -> String {
        var lines = configuration.split(separator: "\n").map(String.init)
        for setting in settings {
            let key = setting.prefix { $0 != ":" } + ":"
            lines.removeAll { $0.hasPrefix(key) }
            lines.append(setting)
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// Lines of `game.yaml` that let one machine have as many connections as a benchmark wants.
    package static let openDoors = ["max_sessions: 100000", "max_connections_per_address: 100000"]

    /// Lines of `game.yaml` that lift the limits which only keep a small server from being flooded.
    package static let openLimits = ["max_entities: 100000", "world_limit_mb: 512"] + openDoors

    /// Writes the game folder.
    ///
    /// - Parameter folder: Where; made if it is missing.
    /// - Throws: An error of the file system.
    package func write(to folder: URL) throws {
        for (path, text) in files {
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    /// Writes `game.yaml`: the limits that only keep a small server from being flooded are out of the way, all others
    /// have their defaults.
    private mutating func configure(_ tickRateHz: Int, _ settings: [String]) {
        let lines = ["tick_rate: \(tickRateHz)", "send_rate: \(min(tickRateHz, Self.tickRateHz))"]
        files["game.yaml"] = Self.configuration("name: \(Self.name)\n", with: lines + Self.openLimits + settings)
    }

    private static func map(side: Int, creatures: Int = 0) -> String {
        func object(_ id: Int, _ type: String, _ x: Int, _ y: Int) -> String {
            #"{"id":\#(id),"name":"","type":"\#(type)","x":\#(x * 32 + 16),"y":\#(y * 32 + 16),"point":true}"#
        }
        let inner = max(side - 2, 1)
        var objects = [object(1, "players", side / 2, side / 2)]
        for index in 0..<creatures {
            // Steps without a common divisor with the side spread them over the whole map.
            objects.append(object(index + 2, "animals", 1 + index * 37 % inner, 1 + index * 91 % inner))
        }
        return """
            {"type":"map","version":"1.8","orientation":"orthogonal","infinite":false,"width":\(side),"height":\(side),\
            "tilewidth":32,"tileheight":32,"tilesets":[],"layers":[{"type":"objectgroup","name":"things",\
            "objects":[\(objects.joined(separator: ","))]}]}

            """
    }
}
