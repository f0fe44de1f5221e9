-- random with limits that overflow a C int.
--@expect value true
local r = math.random(-2 ^ 31, 2 ^ 31 - 1)
return r >= -2 ^ 31 and r <= 2 ^ 31 - 1
