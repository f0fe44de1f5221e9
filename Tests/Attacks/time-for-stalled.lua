-- A step too small to move the counter: the loop never ends.
--@expect time
for i = 2 ^ 53, 2 ^ 53 + 10 do end
