-- Waits on the clock instead of counting.
--@expect time
local stop = os.clock() + 1000
while os.clock() < stop do end
