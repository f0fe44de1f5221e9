-- A chain of elseif takes the compiler quadratic time.
--@expect time
--@source 4
local a
if a then
--@repeat 150000 elseif a then
end
