-- Long texts made and dropped in a loop.
--@expect time
while true do string.rep('x', 1000000) end
