--@about Takes players who stand in it to another map.
--@public false
--@repeat true

if has_no_players() then
  object.events.remove("portal") -- wake_map() adds the event again
  return
end
for _, player in ipairs(objects.near(object.x, object.y, 0.6, "players")) do
  if alive(player) then
    player.events.remove("move")
    player.x, player.y = object.components.to_x, object.components.to_y
    -- The player leaves at the end of this tick; the server tells the player's client where to connect.
    player.map_id = object.components.to_map
  end
end
