-- A table whose elements vanish while it is joined can't be made: concat reads raw.
--@expect value ab
local t = setmetatable({'a', 'b'}, {__index = function() return 'never' end})
return table.concat(t)
