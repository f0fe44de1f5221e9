-- So does a chain of and.
--@expect time
--@source 4
local a, b
b = a
--@repeat 200000 and a
