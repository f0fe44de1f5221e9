-- sub of 8 MB in a loop.
--@expect time
--@limit 10
--@memory 64
local s = ('x'):rep(8000000)
while true do local t = s:sub(2) .. '' end
