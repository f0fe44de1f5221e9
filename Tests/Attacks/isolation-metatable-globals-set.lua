-- Nor can it be replaced.
--@expect runtime cannot change a protected metatable
setmetatable(_G, {__index = function() return 'everywhere' end})
