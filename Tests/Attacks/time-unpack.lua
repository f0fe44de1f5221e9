-- unpack of thousands, in a loop.
--@expect time
while true do pcall(unpack, {}, 1, 7000) end
