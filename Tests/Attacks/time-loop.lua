-- The plainest endless loop.
--@expect time
while true do end
