-- The metatable of strings is protected.
--@expect value false
return getmetatable('')
