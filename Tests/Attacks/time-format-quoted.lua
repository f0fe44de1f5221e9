-- %q of a megabyte of quotes.
--@expect time
local s = ('"'):rep(1000000)
while true do string.format('%q', s) end
