-- A needle without magic takes the plain search too.
--@expect time
local s, needle = ('ab'):rep(400000), ('ab'):rep(200000) .. 'c'
while true do s:find(needle) end
