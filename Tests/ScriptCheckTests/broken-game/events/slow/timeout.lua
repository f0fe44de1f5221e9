-- expect 2:1 error: a timeout formula must return a number of seconds, and this one returns nothing
local seconds = 1
