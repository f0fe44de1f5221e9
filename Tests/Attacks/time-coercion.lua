-- Arithmetic on a text of three million digits: the conversion is part of the operator.
--@expect time
--@limit 10
local s = ('1'):rep(3000000)
while true do local x = s + 1 end
