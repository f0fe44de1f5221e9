---@meta

-- What this game declares.
-- Made by `perigee stubs`, which writes it anew.

---The components of an entity of any type.
---@class Components
---@field bag table What a player carries. Private: only its owner's client is told.
---@field home? table The place a creature strolls around and wakes up at: {"x":…, "y":…}. Private, so no client is told.
---@field hp number Life. At 0 the entity is dead until resurrect/index ran.
---@field max_hp number What hp can reach.
---@field score number Goblins beaten. Every fifth makes the player a little stronger.
---@field speed number Tiles a second. events/move/timeout.lua turns it into a pause between steps.
---@field strength number The most hp one hit takes.
---@field text? string What is written on a sign. Set in the Tiled map.
---@field to_map? number The map_id a portal leads to. Set in the Tiled map.
---@field to_x? number Where a portal leads to, x.
---@field to_y? number Where a portal leads to, y.

---The components of players.
---@class Components.players
---@field bag table What a player carries. Private: only its owner's client is told.
---@field hp number Life. At 0 the entity is dead until resurrect/index ran.
---@field max_hp number What hp can reach.
---@field score number Goblins beaten. Every fifth makes the player a little stronger.
---@field speed number Tiles a second. events/move/timeout.lua turns it into a pause between steps.
---@field strength number The most hp one hit takes.

---The components of enemys.
---@class Components.enemys
---@field home? table The place a creature strolls around and wakes up at: {"x":…, "y":…}. Private, so no client is told.
---@field hp number Life. At 0 the entity is dead until resurrect/index ran.
---@field max_hp number What hp can reach.
---@field speed number Tiles a second. events/move/timeout.lua turns it into a pause between steps.
---@field strength number The most hp one hit takes.

---The components of animals.
---@class Components.animals
---@field home? table The place a creature strolls around and wakes up at: {"x":…, "y":…}. Private, so no client is told.
---@field hp number Life. At 0 the entity is dead until resurrect/index ran.
---@field max_hp number What hp can reach.
---@field speed number Tiles a second. events/move/timeout.lua turns it into a pause between steps.

---The components of objects.
---@class Components.objects
---@field text? string What is written on a sign. Set in the Tiled map.
---@field to_map? number The map_id a portal leads to. Set in the Tiled map.
---@field to_x? number Where a portal leads to, x.
---@field to_y? number Where a portal leads to, y.

---Parameters of chat/say.
---@class Parameters.chat.say
---@field text string

---Parameters of goblin/chase.
---@class Parameters.goblin.chase
---@field key string whom

---Parameters of move/to.
---@class Parameters.move.to
---@field x number tile to walk to
---@field y number

---Parameters of resurrect/index.
---@class Parameters.resurrect.index
---@field life? number hp to come back with; 10 without it

---Parameters of sheep/flee.
---@class Parameters.sheep.flee
---@field steps? number how many are left; 5 without it

---The parameters of whichever event runs.
---@class EventData
---@field key string
---@field life number
---@field steps number
---@field text string
---@field x number
---@field y number

---@alias EventGroupName "bag"|"brew"|"chat"|"disconnect"|"fight"|"goblin"|"move"|"portal"|"regen"|"resurrect"|"save"|"sheep"

---The event group bag.
---@class EventGroup.bag: EventGroup
---@field action? "drink"|"pickup" The pending event's name, or nil.

---The event group brew.
---@class EventGroup.brew: EventGroup
---@field action? "index" The pending event's name, or nil.

---The event group chat.
---@class EventGroup.chat: EventGroup
---@field action? "say" The pending event's name, or nil.

---The event group disconnect.
---@class EventGroup.disconnect: EventGroup
---@field action? "index" The pending event's name, or nil.

---The event group fight.
---@class EventGroup.fight: EventGroup
---@field action? "attack" The pending event's name, or nil.

---The event group goblin.
---@class EventGroup.goblin: EventGroup
---@field action? "chase"|"wander" The pending event's name, or nil.

---The event group move.
---@class EventGroup.move: EventGroup
---@field action? "down"|"left"|"right"|"to"|"up" The pending event's name, or nil.

---The event group portal.
---@class EventGroup.portal: EventGroup
---@field action? "index" The pending event's name, or nil.

---The event group regen.
---@class EventGroup.regen: EventGroup
---@field action? "index" The pending event's name, or nil.

---The event group resurrect.
---@class EventGroup.resurrect: EventGroup
---@field action? "index" The pending event's name, or nil.

---The event group save.
---@class EventGroup.save: EventGroup
---@field action? "index" The pending event's name, or nil.

---The event group sheep.
---@class EventGroup.sheep: EventGroup
---@field action? "flee"|"graze" The pending event's name, or nil.

---The event groups of an entity.
---@class Events
---@field [string] EventGroup
---@field bag EventGroup.bag Seconds between two uses of the bag.
---@field brew EventGroup.brew Seconds between two potions.
---@field chat EventGroup.chat Seconds between two messages of one player.
---@field disconnect EventGroup.disconnect Seconds without a command after which a player is disconnected.
---@field fight EventGroup.fight Seconds between two swings. Players are quicker.
---@field goblin EventGroup.goblin Seconds between two thoughts. `event.action` tells which one.
---@field move EventGroup.move Seconds between two steps: the faster, the shorter.
---@field portal EventGroup.portal Seconds between two looks at who stands in the portal.
---@field regen EventGroup.regen Seconds between two hp.
---@field resurrect EventGroup.resurrect Seconds from death to waking up.
---@field save EventGroup.save Seconds between two saves.
---@field sheep EventGroup.sheep Seconds between two steps of a sheep.
local Events = {}

---Makes an event the pending one of its group. Without a name it is `index`.
---@overload fun(group: "bag", event: "drink")
---@overload fun(group: "bag", event: "pickup")
---@overload fun(group: "brew", event?: "index")
---@overload fun(group: "chat", event: "say", data: Parameters.chat.say)
---@overload fun(group: "disconnect", event?: "index")
---@overload fun(group: "fight", event: "attack")
---@overload fun(group: "goblin", event: "chase", data: Parameters.goblin.chase)
---@overload fun(group: "goblin", event: "wander")
---@overload fun(group: "move", event: "down")
---@overload fun(group: "move", event: "left")
---@overload fun(group: "move", event: "right")
---@overload fun(group: "move", event: "to", data: Parameters.move.to)
---@overload fun(group: "move", event: "up")
---@overload fun(group: "portal", event?: "index")
---@overload fun(group: "regen", event?: "index")
---@overload fun(group: "resurrect", event?: "index", data?: Parameters.resurrect.index)
---@overload fun(group: "save", event?: "index")
---@overload fun(group: "sheep", event: "flee", data?: Parameters.sheep.flee)
---@overload fun(group: "sheep", event: "graze")
---@param group EventGroupName
---@param event? string
---@param data? table
function Events.add(group, event, data) end

---Takes the group's pending event off; its time stays.
---@param group EventGroupName
function Events.remove(group) end
