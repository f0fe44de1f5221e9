--@order 41
--@share none
--@about Seconds between two steps of a sheep.
if event.action == "flee" then
  return 0.3
end
return 1
