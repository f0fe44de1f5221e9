-- split into millions of pieces.
--@expect memory
--@limit 5000
local s = ('a,'):rep(3000000)
return #split(s, ',')
