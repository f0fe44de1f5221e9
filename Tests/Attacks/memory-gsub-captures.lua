-- gsub whose replacement repeats the whole subject.
--@expect memory
--@limit 5000
local s = ('x'):rep(1000000)
return #s:gsub('^.*$', ('%0'):rep(100))
