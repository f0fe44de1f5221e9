-- A concatenation of 1 000 operands.
--@expect syntax chunk has too many syntax levels
local a
return a
--@repeat 1000 .. a
