-- randomseed gives the same numbers again.
--@expect value true
math.randomseed(42)
local a, b = math.random(1e9), math.random()
math.randomseed(42)
return a == math.random(1e9) and b == math.random()
