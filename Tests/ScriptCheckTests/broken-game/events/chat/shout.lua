-- expect 7:14 error: can't concatenate a boolean
-- expect 7:24 error: can't do arithmetic on nil
-- expect 7:29 warning: global 'secret' is defined only in spawn/enemys.lua, and every script has globals of its own; define it in a file of lib/
-- expect 8:1 error: global 'undefined' is defined nowhere; Lua writes nil for undefined
-- expect 10:3 error: can't assign a field of a number
-- expect 11:1 error: can't call a number, which is no function
print("a" .. true, 1 + nil, secret)
undefined.field = 1
local n = object.x
n.value = 3
n()
