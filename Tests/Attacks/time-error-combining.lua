-- One character of a million code points, as an error's message, in a loop.
--@expect time
local s = ("\204\129"):rep(1000000)
while true do pcall(error, s) end
