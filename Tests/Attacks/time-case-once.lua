-- upper of 15 MB: one call, longer than the limit.
--@expect time
--@limit 10
--@memory 64
local s = ('x'):rep(15000000)
return #s:upper():lower():upper():lower():upper():lower():upper():lower()
