--@order 60
--@share owner
--@about Seconds from death to waking up.
if object.type == "players" then
  return 4
end
return object.prefab == "dummy" and 2 or 15
