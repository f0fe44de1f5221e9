local ok, e = pcall(error, {code = 1}, 2)
local _, m = xpcall(function() local x = nil + 1 end, debug.traceback)
error(e or m)
