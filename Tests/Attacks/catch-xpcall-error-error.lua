-- A handler that fails within a handler that fails.
--@expect time
while true do xpcall(function() error('a') end, function() error('b') end) end
