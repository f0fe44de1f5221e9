--@about One step left.
--@public true

-- Public: a client may send {"action":"move/left"}. The timeout in
-- events/move/timeout.lua determines how often it runs, not the number of commands.
if alive(object) then
  step(object, -1, 0)
end
