-- A comparator that does not come back.
--@expect time
table.sort({3, 2, 1}, function() while true do end end)
