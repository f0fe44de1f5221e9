-- A tail call makes no new frame, so depth never ends it.
--@expect time
local function again() return again() end
again()
