-- Nor from within a coroutine.
--@expect value true
return coroutine.wrap(function() for level = 1, 50 do local ok, env = pcall(getfenv, level) if ok and env ~= _G then return level end end return true end)()
