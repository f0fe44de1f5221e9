-- Comparing 4 million NULs: the C library is called once for each.
--@expect time
--@limit 10
local a, b = ('\0'):rep(4000000), ('\0'):rep(4000000) .. 'b'
return a < b and a <= b and b > a and a < b and a <= b
