-- A memory error passes xpcall, its handler is not run.
--@expect memory
xpcall(function() return ('x'):rep(1e9) end, function() return 'handled' end)
return 'caught'
