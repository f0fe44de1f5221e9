-- Arithmetic on a number followed by four million spaces.
--@expect time
--@limit 10
local s = '1' .. (' '):rep(4000000)
while true do local x = s * 1 end
