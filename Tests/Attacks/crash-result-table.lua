-- A returned table whose metamethods do not come back: the host reads it raw.
--@expect value table
return (type(setmetatable({}, {__pairs = function() while true do end end, __index = function() while true do end end})))
