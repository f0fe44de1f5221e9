--@about Hurts everybody else in reach. All are told of each who is hit, and before it of each who is killed.

-- The dead stay where they are: they can be hit, and they can move and attack.
local hits = 0
for id, other in pairs(io.sockets) do
  if id ~= socket.id and distance(socket.data, other.data) <= rules.range then
    hits = hits + 1
    local hp = other.data.hp - rules.damage
    other.data.hp = hp
    if hp <= 0 then
      io.emit("player_killed", { id = id })
    end
    io.emit("player_attacked", { id = id, hp = hp })
  end
end
if ack then
  ack({ ok = true, hits = hits })
end
