-- Texts of half the cap, one after the other.
--@expect value 100
--@limit 20000
local n = 0
for i = 1, 100 do local s = ('x'):rep(8000000 + i) n = n + 1 end
return n
