-- gmatch over one text without end, by starting again.
--@expect time
local s = ('ab '):rep(50000)
while true do for word in s:gmatch('%a+') do end end
