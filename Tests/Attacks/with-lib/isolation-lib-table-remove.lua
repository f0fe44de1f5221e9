-- Nor by table.remove.
--@expect runtime belongs to a lib: a script can't change it
table.remove(lib_table.list)
