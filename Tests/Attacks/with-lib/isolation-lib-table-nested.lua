-- Nor can a table inside it.
--@expect runtime belongs to a lib: a script can't change it
lib_table.nested.value = 'stolen'
