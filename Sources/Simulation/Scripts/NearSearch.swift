import LuaSandbox
import World

/// Answers `objects.near`. Its memory is used again, so that a search allocates nothing but the script's table.
struct NearSearch {
    private var found: [FoundEntity] = []
    private var list = PackedWriter()

    /// Gives the script the entities within a circle, nearest first.
    ///
    /// - Parameters:
    ///   - call: The script's call.
    ///   - world: The world to search.
    ///   - x: The centre, in tiles.
    ///   - y: The centre, in tiles.
    ///   - radius: Tiles, from 0.
    ///   - kind: Only entities of this kind; `nil` for all.
    mutating func answer(
        _ call: HostCall, _ world: World, x: Double, y: Double, radius: Double, kind: EntityKind?
    ) {
        world.near(x: x, y: y, radius: radius, kind: kind, into: &found)
        list.removeAll()
        list.beginArray(count: found.count)
        for each in found { list.append(HostReference(to: each.handle)) }
        call.returnPacked(list.bytes)
    }
}
