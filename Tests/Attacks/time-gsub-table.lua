-- gsub whose table has an __index that does not come back.
--@expect time
('x'):gsub('x', setmetatable({}, {__index = function() while true do end end}))
