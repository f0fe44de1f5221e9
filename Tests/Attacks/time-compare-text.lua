-- Comparing two long texts that differ at the end.
--@expect time
local a, b = ('a'):rep(3000000), ('a'):rep(3000000) .. 'b'
while true do local c = a < b end
