--@about One step down.
--@public true

-- Public: a client may send {"action":"move/down"}. How often it runs is decided by
-- events/move/timeout.lua, not by how often the client asks.
if alive(object) then
  step(object, 0, 1)
end
