--@order 10
--@share owner
--@about Seconds between two steps: the faster, the shorter.

-- A timeout formula returns a number of seconds and can't change the world.
return 1 / math.max(object.components.speed or 5, 0.5)
