-- A stack that grows to its limit is an error, not a lack of memory.
--@expect runtime stack overflow
local function f() return 1 + f() end
f()
