import Storage

/// The worlds of running maps: the live view, entities and their events, the console.
extension Endpoint {
    /// The page of a map's world.
    package static let worldPage = Endpoint(
        "pages.world", .get, "/admin/world", .viewer,
        "The world of a map (query: `map`): live view, entities, console")
    /// Where the entities are.
    package static let showPositions = Endpoint(
        "world.positions", .get, "/server/api/v1/maps/:map_id/positions", .viewer,
        "Where the entities are, at most 5,000 of them; cheap enough to be asked five times a second")
    /// The tiles.
    package static let showGeometry = Endpoint(
        "world.geometry", .get, "/server/api/v1/maps/:map_id/geometry", .viewer,
        "The map's tiles, as clients get them; has an `ETag`")
    /// What the game declares.
    package static let showSchema = Endpoint(
        "world.schema", .get, "/server/api/v1/maps/:map_id/schema", .viewer,
        "The components and events that the game declares, and the names of the script API")
    /// Searching entities.
    package static let listEntities = Endpoint(
        "entities.list", .get, "/server/api/v1/maps/:map_id/entities", .viewer,
        "Entities by key; query: `text` (in the key, prefab, name, action, or a component's value; `hp=5` for one component), `type`, `offset`, `limit` (1 to 200)"
    )
    /// Reading one entity.
    package static let showEntity = Endpoint(
        "entities.show", .get, "/server/api/v1/maps/:map_id/entities/:key", .viewer,
        "All fields, components and event groups of an entity")
    /// Adding an entity.
    package static let addEntity = Endpoint(
        "entities.add", .post, "/server/api/v1/maps/:map_id/entities", .editor,
        "Adds an entity: `type`, and what `objects.add` takes: `prefab`, `x`, `y`, `z`, `sort`, `side`, `action`, `components`"
    )
    /// Changing an entity.
    package static let changeEntity = Endpoint(
        "entities.change", .patch, "/server/api/v1/maps/:map_id/entities/:key", .editor,
        "Sets `fields` (`x`, `y`, `z`, `sort`, `side`, `action`, `prefab`) and `components`, all or none; triggers run")
    /// Removing an entity.
    package static let removeEntity = Endpoint(
        "entities.remove", .delete, "/server/api/v1/maps/:map_id/entities/:key", .editor,
        "Removes an entity for good; a player is disconnected and kept")
    /// Queueing an event.
    package static let queueEvent = Endpoint(
        "entities.queue_event", .post, "/server/api/v1/maps/:map_id/entities/:key/events", .editor,
        "Makes an event the pending one of its group: `group`, `event` (else `index`), `data`")
    /// Taking an event off.
    package static let removeEvent = Endpoint(
        "entities.remove_event", .delete, "/server/api/v1/maps/:map_id/entities/:key/events/:group", .editor,
        "Takes the pending event of a group off")
    /// Trying out Lua.
    package static let tryConsole = Endpoint(
        "console.try", .post, "/server/api/v1/maps/:map_id/console/dry-run", .editor,
        "Runs Lua (`source`, `object`: a key) on a copy of the map, and answers with what it would change")
    /// Running Lua.
    package static let runConsole = Endpoint(
        "console.run", .post, "/server/api/v1/maps/:map_id/console", .editor,
        "Runs Lua (`source`, `object`: a key) on the map, within the limits of scripts")

    static let world = [
        worldPage, showPositions, showGeometry, showSchema, listEntities, showEntity, addEntity, changeEntity,
        removeEntity, queueEvent, removeEvent, tryConsole, runConsole,
    ]
}
