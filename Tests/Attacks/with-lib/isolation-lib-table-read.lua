-- A lib's table can be read in every way.
--@expect value 1 2 3|3|a value|1,2,3|6|table
local sum = 0
for _, v in ipairs(lib_table.list) do sum = sum + v end
return table.concat({table.concat(lib_table.list, ' '), #lib_table.list, lib_table.value, table.concat({unpack(lib_table.list)}, ','), sum, type(lib_table)}, '|')
