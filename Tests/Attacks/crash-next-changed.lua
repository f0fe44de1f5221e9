-- A table filled while it is walked ends, or is an error.
--@expect value true
--@limit 2000
local t = {a = 1}
local n = 0
pcall(function() for k in pairs(t) do n = n + 1 t['k' .. n] = n if n > 100000 then break end end end)
return n > 0
