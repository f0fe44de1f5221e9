--@about One step down.
--@public true

-- Public: a client may send {"action":"move/down"}. The timeout in
-- events/move/timeout.lua determines how often it runs, not the number of commands.
if alive(object) then
  step(object, 0, 1)
end
