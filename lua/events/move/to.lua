--@about Walks to a place, around obstacles.
--@public true
--@param x number    tile to walk to
--@param y number

if not alive(object) then
  return
end

local length = step_towards(object, data.x, data.y)
if length then
  -- Each run takes one step. The server removes an event when it runs, so this event adds itself again until the
  -- entity has arrived. Another event of the group (move/up, a new move/to) can replace it at any time.
  object.events.add("move", "to", { x = data.x, y = data.y })
  if length > 1 then
    object.events.move.resetTime(length * object.events.move.timeout()) -- a longer step takes longer
  end
end
