-- concat of 200 000 empty texts.
--@expect time
local t = {}
for i = 1, 200000 do t[i] = '' end
while true do table.concat(t) end
