--@order 10
--@about Seconds between two steps: the faster, the shorter.

-- A timeout script returns a number and can change nothing.
return 1 / math.max(object.components.speed or 5, 0.5)
