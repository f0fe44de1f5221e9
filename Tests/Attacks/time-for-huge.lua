-- A numeric loop of 2^52 turns.
--@expect time
for i = 1, 2 ^ 52 do end
