-- No level leads out of the script.
--@expect value true
for level = 1, 50 do local ok, env = pcall(getfenv, level) if ok and env ~= _G then return level end end
return true
