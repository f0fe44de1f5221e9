-- The widest number that format allows, in a loop.
--@expect time
while true do string.format('%99.99f', 1e300) end
