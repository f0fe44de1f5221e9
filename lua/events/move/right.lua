--@about One step right.
--@public true

-- Public: a client may send {"action":"move/right"}. How often it runs is decided by
-- events/move/timeout.lua, not by how often the client asks.
if alive(object) then
  step(object, 1, 0)
end
