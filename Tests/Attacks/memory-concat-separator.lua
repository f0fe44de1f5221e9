-- concat with a separator of 100 KB.
--@expect memory
local t = {}
for i = 1, 1000 do t[i] = 'x' end
return #table.concat(t, ('y'):rep(100000))
