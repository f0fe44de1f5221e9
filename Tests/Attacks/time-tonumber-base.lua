-- tonumber in base 36 of a million digits.
--@expect time
local s = ('z'):rep(1000000)
while true do tonumber(s, 36) end
