--@about Every enemy remembers where it came from. The prefab's own script runs after this one.
if not object.components.home then
  object.components.home = { x = object.x, y = object.y }
end
start_routine(object)
