local t = {5, 3, 8, 1, 9, 2}
table.sort(t, function(a, b) return a > b end)
table.insert(t, 2, 7) table.remove(t, 1)
return table.concat(t, ',', 1, 3), unpack(t)
