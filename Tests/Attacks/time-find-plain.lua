-- Plain find of half a megabyte in a megabyte of the same letter.
--@expect time
local s, needle = ('a'):rep(1000000), ('a'):rep(500000) .. 'b'
while true do s:find(needle, 1, true) end
