-- The handler is not run for a time limit.
--@expect time
xpcall(function() while true do end end, function() caught = true end)
while true do end
