-- concat up to nearly the cap.
--@expect value 14000000
--@limit 5000
local t, piece = {}, ('x'):rep(100000)
for i = 1, 140 do t[i] = piece end
return #table.concat(t)
