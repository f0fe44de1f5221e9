--@about Runs when a player enters the map: after registering, logging in, or through a portal.

-- Events must be hung on an entity to run. A dead player who logged out is still to be resurrected.
object.events.add("regen", "index")
object.events.regen.resetTimeout() -- coming back is no medicine
if not alive(object) then
  die(object)
end
object.action = "appear"
wake_map()
