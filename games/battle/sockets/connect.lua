--@about A player enters: somewhere near the corner, in full health. The others are told.

print("connected: " .. socket.id)
socket.data.x, socket.data.y = math.random(0, rules.start), math.random(0, rules.start)
socket.data.hp = rules.health
socket.broadcast.emit("new_player", description(socket))

-- A newcomer also has to know who is there, and where it stands itself.
for _, player in pairs(io.sockets) do
  socket.emit("new_player", description(player))
end
