-- Closures that hold each other.
--@expect memory
--@limit 5000
local f
while true do local g = f f = function() return g end end
