-- gsub at a million places, again and again.
--@expect time
local s = ('x'):rep(100000)
while true do s:gsub('x', 'y') end
