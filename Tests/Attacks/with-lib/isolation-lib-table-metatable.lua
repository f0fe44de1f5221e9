-- Nor is its metatable shown.
--@expect value false
return getmetatable(lib_table)
