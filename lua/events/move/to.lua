--@about Walks to a place, around obstacles.
--@public true
--@param x number    tile to walk to
--@param y number

-- Each run takes one step. An event is taken off the entity when it runs, so it adds itself again
-- until it is there. Another event of the group (move/up, a new move/to) replaces it at any time.
if alive(object) and step_towards(object, data.x, data.y) then
  object.events.add("move", "to", { x = data.x, y = data.y })
end
