--@about A player is gone. The others are told.

print("disconnected: " .. socket.id .. ", " .. reason)
io.emit("player_left", { id = socket.id })
