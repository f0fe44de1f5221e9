-- Nor can a lib's class be changed through an object of it.
--@expect runtime belongs to a lib: a script can't change it
local object = lib_class.new(3)
getmetatable(object).value = function() return 'stolen' end
