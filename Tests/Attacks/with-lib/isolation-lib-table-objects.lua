-- A script makes objects of a lib's class, and reads through it.
--@expect value 5 nil
local object = setmetatable({ value = 5 }, lib_class)
object.extra = 1
return object.value .. " " .. tostring(lib_class.nothing)
