-- A long separator that almost matches everywhere.
--@expect time
local s = ('a'):rep(1000000)
while true do split(s, ('a'):rep(1000) .. 'b') end
