-- A lib's table is one value however often it is read.
--@expect value true true
local seen = { [lib_table] = "seen" }
return tostring(lib_table == lib_table) .. " " .. tostring(seen[lib_table] == "seen")
