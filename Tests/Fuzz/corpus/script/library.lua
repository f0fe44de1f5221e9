tools.add(1, 2)
local o = class.new(3)
local ok = pcall(function() tools.value = 9 end)
for k, v in pairs(tools) do keys(tools) end
return ok, #tools.list, unpack(tools.list), getmetatable(o).new, copy(tools)
