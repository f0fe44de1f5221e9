/// Reads the events `player_moved` of the battle: `42["player_moved",{"id":…,"position":{"x":3,"y":1,"hp":100}}]`.
///
/// The events of a server all look alike: where the last one had its x, the next one is likely to have it too.
struct MovedEvent {
    private static let prefix: StaticString = "42[\"player_moved\","
    private static let xName: StaticString = "\"x\":"
    private static let yName: StaticString = "\"y\":"
    private static let yBehind: StaticString = ",\"y\":"

    private var xStart = 0

    /// Reads the place.
    ///
    /// - Parameter message: Such an event.
    /// - Returns: x and y; `nil` when its place has no whole numbers.
    mutating func place(in message: UnsafeRawBufferPointer) -> (x: Int, y: Int)? {
        var offset = xStart
        if offset < 4 || !ByteScan.has(Self.xName, in: message, at: offset - 4) {
            guard let found = ByteScan.end(of: Self.xName, in: message) else { return nil }
            offset = found
            xStart = found
        }
        guard let x = ByteScan.number(message, at: &offset).flatMap({ Int(exactly: $0) }) else { return nil }
        if ByteScan.has(Self.yBehind, in: message, at: offset) {
            offset += 5
        } else {
            guard let found = ByteScan.end(of: Self.yName, in: message) else { return nil }
            offset = found
        }
        guard let y = ByteScan.number(message, at: &offset).flatMap({ Int(exactly: $0) }) else { return nil }
        return (x, y)
    }

    /// Whether a packet is such an event.
    static func isMoved(_ message: UnsafeRawBufferPointer) -> Bool { ByteScan.has(prefix, in: message) }

    /// The packet with which a player moves.
    static func move(x: Int, y: Int) -> String { "42[\"move\",{\"x\":\(x),\"y\":\(y)}]" }
}
