-- random of an empty interval.
--@expect runtime interval is empty
return math.random(2, 1)
