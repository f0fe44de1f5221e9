-- One character of two million code points, printed in a loop.
--@expect time
local s = ("\204\129"):rep(2000000)
while true do print(s) end
