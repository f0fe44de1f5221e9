-- split of many pieces, in a loop.
--@expect time
local s = ('a,'):rep(100000)
while true do split(s, ',') end
