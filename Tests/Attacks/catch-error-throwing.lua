-- An error value whose __tostring throws.
--@expect runtime error object of type table
error(setmetatable({}, {__tostring = function() error('no') end}))
