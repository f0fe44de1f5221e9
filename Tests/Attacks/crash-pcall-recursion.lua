-- pcall within pcall without end.
--@expect value true
local depth = 0
local function f() depth = depth + 1 pcall(f) end
f()
return depth > 100
