-- Nor by table.insert.
--@expect runtime belongs to a lib: a script can't change it
table.insert(lib_table.list, 9)
