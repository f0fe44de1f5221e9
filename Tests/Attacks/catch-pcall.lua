-- pcall around an endless loop, in an endless loop.
--@expect time
while true do pcall(function() while true do end end) end
