-- Nor by having the lib call a function of the library.
--@expect runtime belongs to a lib: a script can't change it
lib_call(table.insert, lib_table.list, 9)
