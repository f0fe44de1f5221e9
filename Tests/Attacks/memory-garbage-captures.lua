-- Captures are garbage that one call of gsub makes without an instruction between.
--@expect value 300000
--@limit 20000
local numbers = {}
for i = 1, 1000000 do numbers[i % 1000 + 1] = ("%06d "):format(i) end
local s = table.concat(numbers):rep(300)
local _, count = s:gsub("(%d+) ", {})
return count
