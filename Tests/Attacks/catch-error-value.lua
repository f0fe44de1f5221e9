-- An error value whose __tostring does not come back is shown without running it.
--@expect runtime error object of type table
error(setmetatable({}, {__tostring = function() while true do end end}))
