---@meta

-- What scripts of every game can use.
-- Made by `perigee stubs`, which writes it anew.

---@alias Side "left"|"right"|"up"|"down"
---@alias EntityType "players"|"enemys"|"animals"|"objects"
---@alias LeaveReason "disconnected"|"removed"|"moved"|"closed"

---An entity of the map: `object`, `objects[key]`, a loop's value.
---@class Entity
---@field x number Place in map units, from left to right.
---@field y number Place in map units, from top to bottom.
---@field z number Height, of the game's own meaning.
---@field sort number Drawing order, of the game's own meaning.
---@field side string Where it looks, of the game's own choice.
---@field action string What it does; sent each time it is assigned. Never `remove`.
---@field prefab string The recipe and the look that it has.
---@field map_id integer The map's number. Given another map's, it moves there at the end of the tick.
---@field id integer Read only. Its number among the entities of its type.
---@field key string Read only. Its key in `objects`, for instance `players_24`.
---@field type EntityType Read only. One of the four types.
---@field login? string Read only. A player's login, nil for others.
---@field ping? number Read only. A player's round trip in seconds, as the client reported it last. A client can forge it.
---@field muted boolean Read only. Whether an operator has muted this player: it should not be heard in the game's chat.
---@field created number Read only. Unix time in seconds.
---@field view? number How far a player's client is told of entities, in tiles; nil for the map's `view_distance`. Not stored.
---@field relevant? string `always` for an entity that clients are told of at any distance, else nil. Not stored.
---@field components Components Read only. The values of its components.
---@field events Events Read only. Its event groups.
local Entity = {}

---The text `x,y,z`.
---@return string
function Entity.position() end

---How far it is to another entity, or to a table with x and y.
---@param other Entity|{x: number, y: number}
---@return number
function Entity.distance(other) end

---Takes it off the map for good; a player is disconnected and kept. With a key it removes the entity with that key instead, as `objects.remove` does.
---@param key? string
---@return boolean?
function Entity.remove(key) end

---Sends a table to this player's client. Players only.
---@param message table
function Entity.send(message) end

---Stores it as it is at the end of the tick.
function Entity.save() end

---An entity of type players.
---@class Entity.players: Entity
---@field components Components.players The values of its components.
---@field login string Read only. The player's login.

---An entity of type enemys.
---@class Entity.enemys: Entity
---@field components Components.enemys The values of its components.

---An entity of type animals.
---@class Entity.animals: Entity
---@field components Components.animals The values of its components.

---An entity of type objects.
---@class Entity.objects: Entity
---@field components Components.objects The values of its components.

---One event group of an entity.
---@class EventGroup
---@field action? string The pending event's name, or nil. Assigning a name queues that event with its defaults.
---@field data? table The pending event's parameters, or nil.
---@field command_id? number Read only. What the client sent with the command, or nil.
---@field time number Unix time at which the group is ready; 0 is the next tick.
local EventGroup = {}

---Takes the pending event off; the time stays.
function EventGroup.remove() end

---The group's timeout for this entity now, in seconds.
---@return number
function EventGroup.timeout() end

---Makes the group ready that many seconds from now; without a number, now.
---@param seconds? number
function EventGroup.resetTime(seconds) end

---Makes the group ready one timeout from now.
function EventGroup.resetTimeout() end

---What objects.add makes an entity of.
---@class NewEntity
---@field x? number Place in map units, from left to right.
---@field y? number Place in map units, from top to bottom.
---@field z? number Height, of the game's own meaning.
---@field sort? number Drawing order, of the game's own meaning.
---@field side? string Where it looks, of the game's own choice.
---@field action? string What it does; sent each time it is assigned. Never `remove`.
---@field prefab? string The recipe and the look that it has.
---@field components? Components Values of its components; others take their defaults.

---All entities of the map, by key.
---@class Objects
---@field [string] Entity
objects = {}

---Adds an entity and returns it; wrong data add nothing, and the reason is in the error log.
---@overload fun(type: "enemys", data: NewEntity): Entity.enemys?
---@overload fun(type: "animals", data: NewEntity): Entity.animals?
---@overload fun(type: "objects", data: NewEntity): Entity.objects?
---@param type EntityType
---@param data NewEntity
---@return Entity?
function objects.add(type, data) end

---Removes the entity with this key, or this entity; whether it was there.
---@param key string|Entity
---@return boolean
function objects.remove(key) end

---The entities within a radius, nearest first.
---@overload fun(x: number, y: number, radius: number, type: "players"): Entity.players[]
---@overload fun(x: number, y: number, radius: number, type: "enemys"): Entity.enemys[]
---@overload fun(x: number, y: number, radius: number, type: "animals"): Entity.animals[]
---@overload fun(x: number, y: number, radius: number, type: "objects"): Entity.objects[]
---@param x number
---@param y number
---@param radius number
---@param type? EntityType
---@return Entity[]
function objects.near(x, y, radius, type) end

---How many there are.
---@param type? EntityType
---@return integer
function objects.count(type) end

---The map that the script runs on.
---@class Map
---@field id integer Read only. The number in its file's name.
---@field name string Read only. The rest of its file's name.
---@field width integer Read only. Tiles from left to right.
---@field height integer Read only. Tiles from top to bottom.
map = {}

---Whether a place is on the map and free.
---@param x number
---@param y number
---@return boolean
function map.walkable(x, y) end

---x, y of a random walkable place.
---@return number
---@return number
function map.random() end

---The shortest way, without the start; nil when there is none, or none in a bounded search.
---@param x1 number
---@param y1 number
---@param x2 number
---@param y2 number
---@return {x: number, y: number}[]?
function map.path(x1, y1, x2, y2) end

---Sends a table to every player on the map.
---@param message table
function map.broadcast(message) end

---Queues an event for an entity of another map, named by its side or its number; false when that map has too many waiting.
---@param map Side|integer
---@param key string
---@param group string
---@param event? string
---@param data? table
---@return boolean
function map.event(map, key, group, event, data) end

---A connected client: `socket`, `io.sockets[id]`, a loop's value.
---@class Socket
---@field id string Read only. Its id, which the client knows too.
---@field login? string Read only. The login of its player, nil for a guest.
---@field player_id? integer Read only. The number of its player, nil for a guest.
---@field address string Read only. The address that it comes from.
---@field data table A table that is kept while it is connected, up to 16 KiB; empty at first.
---@field connected boolean Read only. Whether it is connected.
---@field rooms string[] Read only. The rooms that it joined.
---@field broadcast SocketBroadcast Read only. Everyone but this socket.
local Socket = {}

---Sends an event to its client.
---@param name string
---@param ... any
function Socket.emit(name, ...) end

---Puts it into a room.
---@param room string
function Socket.join(room) end

---Takes it out of a room.
---@param room string
function Socket.leave(room) end

---Everyone in a room but this socket.
---@param room string
---@return SocketTarget
function Socket.to(room) end

---Ends its connection; in sockets/connect.lua it refuses it.
function Socket.disconnect() end

---Everyone but one socket: `socket.broadcast`.
---@class SocketBroadcast
local SocketBroadcast = {}

---Sends an event to everyone but the socket.
---@param name string
---@param ... any
function SocketBroadcast.emit(name, ...) end

---Everyone in a room but the socket.
---@param room string
---@return SocketTarget
function SocketBroadcast.to(room) end

---Everyone but the socket and those in a room.
---@param room string
---@return SocketTarget
function SocketBroadcast.except(room) end

---The sockets of some rooms: what `to` and `except` return.
---@class SocketTarget
local SocketTarget = {}

---Sends an event to all of them.
---@param name string
---@param ... any
function SocketTarget.emit(name, ...) end

---Those of another room as well; the id of a socket is a room with it alone.
---@param room string
---@return SocketTarget
function SocketTarget.to(room) end

---Without those of a room.
---@param room string
---@return SocketTarget
function SocketTarget.except(room) end

---The connected sockets by id; a loop gives them in the order in which they connected.
---@class Sockets
---@field [string] Socket

---All sockets of the game. In every script of a game that has files in sockets/.
---@class IO
---@field sockets Sockets Read only. The connected sockets.
io = {}

---Sends an event to everyone.
---@param name string
---@param ... any
function io.emit(name, ...) end

---Everyone in a room; the id of a socket is a room with it alone.
---@param room string
---@return SocketTarget
function io.to(room) end

---Everyone who is not in a room.
---@param room string
---@return SocketTarget
function io.except(room) end

---Which event runs.
---@class RunningEvent
---@field group string Read only. The event's group.
---@field action string Read only. The event's name.
---@field command_id? number Read only. What the client sent with the command, or nil.
---@field from_client? boolean Read only. Whether a client sent the event.
---@field data? table Read only. The event's parameters. In timeout formulas only; events have `data`.

---The entity that the script runs for. Not in lib files.
---@type Entity
object = nil

---The parameters of the event that runs; for a socket event its first argument, and in sockets/connect.lua what the client gave to connect. In events and socket events only.
---@type EventData
data = nil

---The event that runs. In events and timeout formulas only.
---@type RunningEvent
event = nil

---The component that changed. In components only.
---@type string
name = nil

---The component's new value. In components only.
---@type any
value = nil

---The component's value before. In components only.
---@type any
old = nil

---Why the entity leaves the map, or the socket is gone. In leave hooks and sockets/disconnect.lua only.
---@type LeaveReason|string
reason = nil

---The socket for which the script runs. In the files of sockets/ only.
---@type Socket
socket = nil

---All arguments of the socket event that runs. In socket events only.
---@type any[]
args = nil

---Answers the socket event that runs, once and while it runs; nil when the client asked for no answer. In socket events only.
---@type function|nil
ack = nil

---Unix time in seconds, with microseconds.
---@return number
function microtime() end

---Whether an entity that was kept in a variable is still on the map; false for nil.
---@param entity Entity?
---@return boolean
function exists(entity) end

---An array of the table's keys.
---@param t table
---@return any[]
function keys(t) end

---The parts between separators, which are plain text; an empty one splits into characters.
---@param text string
---@param separator string
---@return string[]
function split(text, separator) end

---A deep, plain copy of a table, of a component's or of all `components`.
---@param t table
---@return table
function copy(t) end

---Marks a table as an array: empty, it is sent as `[]`.
---@param t table
---@return table
function array(t) end

debug = {}

---The calls so far.
---@param message? string
---@param level? integer
---@return string
function debug.traceback(message, level) end

os = {}

---CPU time in seconds.
---@return number
function os.clock() end

---A time as text, or as a table.
---@param format? string
---@param time? integer
---@return string|table
function os.date(format, time) end

---Seconds between two times.
---@param later integer
---@param earlier integer
---@return number
function os.difftime(later, earlier) end

---Unix time in seconds; see microtime().
---@param table? table
---@return integer
function os.time(table) end
