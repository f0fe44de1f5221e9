-- A constructor of a million elements.
--@expect value nil
--@source 4
--@limit 5000
local t = {
--@repeat 200000 1,
}
return nil
