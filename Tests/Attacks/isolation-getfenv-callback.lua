-- Nor from within a callback of a library function.
--@expect value true
local seen = true
local function look() for level = 0, 50 do local ok, env = pcall(getfenv, level) if ok and env ~= _G then seen = level end end end
('x'):gsub('x', look)
table.sort({2, 1}, function() look() return false end)
xpcall(error, look)
return seen
