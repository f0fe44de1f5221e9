-- Life, death, and the routines of creatures.

function alive(object)
  return (object.components.hp or 0) > 0
end

-- The nearest living player within radius, or nil.
function nearest_player(object, radius)
  for _, player in ipairs(objects.near(object.x, object.y, radius, "players")) do
    if alive(player) then
      return player
    end
  end
end

-- Called by the trigger in components/hp.lua. The entity is not removed: it lies there until its resurrect event is
-- due.
function die(object)
  object.action = "dead"
  object.events.remove("move")
  object.events.remove("fight")
  object.events.add("resurrect", "index", { life = object.components.max_hp })
  -- A first event would run in the next tick; this makes it wait for the group's timeout.
  object.events.resurrect.resetTimeout()
  if object.type == "enemys" and object.prefab ~= "dummy" and math.random() < 0.4 then
    objects.add("objects", { prefab = "potion", x = object.x, y = object.y })
  end
end

-- The routine of each prefab: event group and event.
local routines = {
  goblin = { "goblin", "wander" },
  brute = { "goblin", "wander" },
  sheep = { "sheep", "graze" },
  cauldron = { "brew", "index" },
  portal = { "portal", "index" },
}

-- Adds the routine's event to an entity if that event group has none pending.
function start_routine(object)
  local routine = routines[object.prefab]
  if routine and object.events[routine[1]].action == nil then
    object.events.add(routine[1], routine[2])
    -- A random start, so that not all entities run in the same tick.
    object.events[routine[1]].resetTime(math.random())
  end
end

-- Routines stop when no player is left on the map, so that an empty map costs nothing: a routine calls
-- has_no_players() and removes its event. The next player who enters starts all of them.
local asleep = true -- at the server's start no routine is known to run

function has_no_players()
  if objects.count("players") > 0 then
    return false
  end
  asleep = true
  return true
end

function wake_map()
  if not asleep then
    return
  end
  asleep = false
  for _, entity in pairs(objects) do
    if entity.type ~= "players" then
      start_routine(entity)
    end
  end
end
