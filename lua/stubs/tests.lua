---@meta

-- What a game's own tests can use beside that; scripts can't.
-- Made by `perigee stubs`, which writes it anew.

---A line of the map's log.
---@class LogEntry
---@field level "log"|"error"
---@field text string
---@field script? string
---@field line? integer
---@field kind? string
---@field entity? string
---@field time number

---The entities that went to another map.
---@class MovedEntity
---@field key string
---@field login? string
---@field map_id integer
---@field x? number
---@field y? number
---@field components Components

---An event that a client of Socket.IO got; `data` is its first argument.
---@class EmittedEvent
---@field name string
---@field args any[]
---@field data any
---@field time number

---What must hold of a value; the first that does not ends the test.
---@class Expectation
---@field never Expectation Negates the check that follows.
local Expectation = {}

---Equal; tables in all their parts.
---@param wanted any
function Expectation.is(wanted) end

---Not equal.
---@param unwanted any
function Expectation.isNot(unwanted) end

---A table that has these fields, and may have others.
---@param fields table
function Expectation.has(fields) end

---A text with this text in it, or a table with this element, or one with its fields.
---@param wanted any
function Expectation.contains(wanted) end

---A number not further away than the tolerance, or 0.001.
---@param wanted number
---@param tolerance? number
function Expectation.near(wanted, tolerance) end

---A number above this.
---@param limit number
function Expectation.isAbove(limit) end

---A number below this.
---@param limit number
function Expectation.isBelow(limit) end

---A number not below this.
---@param limit number
function Expectation.isAtLeast(limit) end

---A number not above this.
---@param limit number
function Expectation.isAtMost(limit) end

---Not nil, and no entity that was removed.
function Expectation.exists() end

---Nil.
function Expectation.isNil() end

---A text with a match of this Lua pattern.
---@param pattern string
function Expectation.matches(pattern) end

---A function that fails, with this text or pattern in the message.
---@param text? string
function Expectation.raises(text) end

---Tests only. The test's map, its clock and its players.
---@class TestWorld
---@field now number The map's clock, Unix time in seconds.
---@field log LogEntry[] What is in the map's log.
---@field errors LogEntry[] The errors in the map's log that nobody expected yet.
---@field moved MovedEntity[] The entities that went to another map.
---@field seed integer The seed of all random numbers.
world = {}

---Chooses the map: before the tests of a file for all of them, or first thing in one. nil is the start map. Options: `entities = false` leaves out those of its file, `seed` chooses the seed.
---@param id integer?
---@param options? table
function world.map(id, options) end

---Adds an entity at once and runs its spawn hooks.
---@param type EntityType
---@param data? NewEntity
---@return Entity
function world.spawn(type, data) end

---A player enters with a client that keeps what it is sent.
---@param login string
---@param data? NewEntity
---@return Entity.players
function world.join(login, data) end

---Closes the client's connection.
---@param player Entity|string
function world.leave(player) end

---Mutes a player as an operator does, for ever without a number; 0 ends it.
---@param player Entity|string
---@param seconds? number
function world.mute(player, seconds) end

---Sends a command as the client would. Returns true, or false, the text of the refusal and its code.
---@param player Entity|string
---@param event string
---@param parameters? table
---@return boolean
---@return string?
---@return integer?
function world.command(player, event, parameters) end

---A client of Socket.IO connects, a guest without a login. Returns the socket's id, or nil and why it was refused.
---@param options? {login: string?, auth: table?, address: string?}
---@return string?
---@return string?
function world.connect(options) end

---Sends an event as the socket's client would.
---@param socket string
---@param event string
---@param ... any
function world.emit(socket, event, ...) end

---As emit, and asks for an answer. Returns its values, up to four; nothing when there is none.
---@param socket string
---@param event string
---@param ... any
---@return any
function world.request(socket, event, ...) end

---The events that the socket's client got, all or those of a name; the newest last.
---@param socket string
---@param event? string
---@return EmittedEvent[]
function world.emitted(socket, event) end

---Whether the socket is connected.
---@param socket string
---@return boolean
function world.connected(socket) end

---The socket's client closes its connection.
---@param socket string
---@param reason? string
function world.disconnect(socket, reason) end

---Lets time pass, in whole ticks, one at least.
---@param seconds number
function world.advance(seconds) end

---Runs ticks, 1 without a number.
---@param count? integer
function world.tick(count) end

---The entity, or nil.
---@param key string
---@return Entity?
function world.entity(key) end

---All entities, or those of a type.
---@param type? EntityType
---@return Entity[]
function world.entities(type) end

---What the player's client was sent, at or after a time of `world.now`; the newest last.
---@param player Entity|string
---@param since? number
---@return table[]
function world.received(player, since) end

---Whether one can stand there.
---@param x number
---@param y number
---@return boolean
function world.walkable(x, y) end

---The map's error log must have an error with this text or pattern, which then does not fail the test.
---@param text string
---@return string
function world.expectError(text) end

---Tests only. A test; it gets a map of its own.
---@param name string
---@param body function
function test(name, body) end

---Tests only. What must hold of a value follows: `expect(anna.x).is(15)`.
---@param value any
---@return Expectation
function expect(value) end
