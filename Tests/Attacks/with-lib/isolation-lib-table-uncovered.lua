-- Nor by the libs' table.insert, which shows when a script drops its own.
--@expect runtime belongs to a lib: a script can't change it
table = nil
table.insert(lib_table.list, 9)
