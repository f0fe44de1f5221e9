--@about A player goes to the place that its client names. All are told, the player too.

-- Without a place there is a reason instead.
local x, y, code = place_in(data)
if x and rules.strict then
  x, y, code = strict(socket.data, x, y)
end
if not x then
  if ack then
    ack({ error = y, code = code })
  end
  return
end

socket.data.x, socket.data.y = x, y
io.emit("player_moved", description(socket))
if ack then
  ack({ ok = true })
end
