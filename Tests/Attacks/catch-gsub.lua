-- gsub under pcall with a callback without end.
--@expect time
while true do pcall(string.gsub, 'x', 'x', function() while true do end end) end
