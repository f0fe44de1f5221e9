-- foreach with a callback that does not come back.
--@expect time
table.foreach({1}, function() while true do end end)
