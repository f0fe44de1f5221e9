-- insert far behind the end stores one element, as stock Lua does.
--@expect value 1
local t = {}
table.insert(t, 2 ^ 31 - 2, 1)
return t[2 ^ 31 - 2]
