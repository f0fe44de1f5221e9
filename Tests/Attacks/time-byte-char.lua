-- byte and char of thousands of characters.
--@expect time
local s = ('x'):rep(100000)
while true do string.char(s:byte(1, 5000)) end
