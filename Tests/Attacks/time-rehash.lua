-- A table of many names grows by another: the whole of it is arranged anew.
--@expect time
--@limit 10
--@memory 64
names = names or {}
local i = 0
while true do i = i + 1 names[i * 2 ^ 33] = i end
