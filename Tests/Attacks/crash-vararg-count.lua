-- A function with 255 results from varargs, again and again (CVE-2014-5461).
--@expect value 250
local function f(...) return select('#', ...) end
local n
for i = 1, 1000 do n = f(unpack({}, 1, 250)) end
return n
