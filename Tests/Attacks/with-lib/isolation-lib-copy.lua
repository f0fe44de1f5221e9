-- A copy of a lib's table is the script's own, also what is inside.
--@expect value 5 1
local mine = copy(lib_table)
mine.nested.value = 5
return mine.nested.value .. " " .. lib_table.nested.value
