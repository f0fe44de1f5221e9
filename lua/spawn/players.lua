--@about Runs when a player enters the map: after registering, logging in, or through a portal.

-- An event runs only after it was added to the entity. Regeneration begins here. A player who logged out dead dies
-- again, so that the resurrect event is pending.
object.events.add("regen", "index")
object.events.regen.resetTimeout() -- so that coming back does not heal at once
if not alive(object) then
  die(object)
end
object.action = "appear"
wake_map()
