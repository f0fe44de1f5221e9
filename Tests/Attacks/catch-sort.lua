-- sort under pcall with a comparator without end.
--@expect time
while true do pcall(table.sort, {2, 1}, function() while true do end end) end
