-- traceback of a deep stack, in a loop.
--@expect time
local function deep(n) if n > 0 then return 1 + deep(n - 1) end while true do debug.traceback() end end
deep(5000)
