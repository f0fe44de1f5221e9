--@order 40
--@share none
--@about Seconds between two thoughts. `event.action` tells which one.
if event.action == "chase" then
  return 1 / math.max(object.components.speed or 2.5, 0.5)
end
return 0.7
