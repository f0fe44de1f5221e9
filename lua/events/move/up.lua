--@about One step up.
--@public true

-- Public: a client may send {"action":"move/up"}. How often it runs is decided by
-- events/move/timeout.lua, not by how often the client asks.
if alive(object) then
  step(object, 0, -1)
end
