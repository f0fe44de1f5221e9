--@about One step left.
--@public true

-- Public: a client may send {"action":"move/left"}. How often it runs is decided by
-- events/move/timeout.lua, not by how often the client asks.
if alive(object) then
  step(object, -1, 0)
end
