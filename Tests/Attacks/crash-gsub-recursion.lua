-- gsub within its own callback: 8 KB of C stack each.
--@expect runtime C stack overflow
local function f(s) return (s:gsub('.', f)) end
f('x')
