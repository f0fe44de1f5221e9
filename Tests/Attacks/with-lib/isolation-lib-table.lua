-- A lib's table can't be changed by a script.
--@expect runtime belongs to a lib: a script can't change it
lib_table.value = 'stolen'
