-- Coroutines within coroutines without end.
--@expect runtime crash-coroutine-recursion.lua:3:
local function f() return coroutine.wrap(function() f() end)() end
f()
