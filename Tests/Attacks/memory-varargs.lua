-- Arguments by the thousand, deeper and deeper: the stack alone takes the memory.
--@expect memory
local function f(...) return f(1, ...) + 1 end
f(unpack({}, 1, 1000))
