-- Nor by table.sort.
--@expect runtime belongs to a lib: a script can't change it
table.sort(lib_table.list, function(a, b) return a > b end)
