-- Two hundred megabytes of garbage under a cap of 16.
--@expect value 200
--@limit 10000
local n = 0
for i = 1, 200 do n = n + #('x'):rep(1000000 + i) / (1000000 + i) end
return n
