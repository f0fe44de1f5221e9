-- The handler does not come back.
--@expect time
xpcall(function() error('x') end, function() while true do end end)
