-- Nor a traceback.
--@expect value nil
local ok, text = pcall(function() return debug.traceback() end)
return text:match('0x%x+')
