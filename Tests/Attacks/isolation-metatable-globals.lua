-- The metatable of the globals is protected.
--@expect value false
return getmetatable(_G)
