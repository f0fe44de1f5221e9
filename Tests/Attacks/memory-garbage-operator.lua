-- Garbage made by the operator .. alone: two texts of an eighth of the cap live.
--@expect value 4000000
--@limit 20000
local s, last = ('x'):rep(2000000), nil
for i = 1, 100 do last = s .. s end
return #last
