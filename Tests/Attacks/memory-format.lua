-- format of long texts, kept.
--@expect memory
--@limit 5000
local t, s = {}, ('x'):rep(100000)
while true do t[#t + 1] = string.format('%s%d', s, #t) end
