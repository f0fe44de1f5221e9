-- upper, reverse and lower of a megabyte.
--@expect time
local s = ('x'):rep(1000000)
while true do s:upper():reverse():lower() end
