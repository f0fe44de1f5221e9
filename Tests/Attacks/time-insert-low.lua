-- insert at a huge negative position moves two thousand million elements.
--@expect time
table.insert({}, -2 ^ 31 + 1, 1)
