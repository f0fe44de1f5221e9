-- A lib's table can't be changed by a script.
--@expect runtime lib_table belongs to a lib: a script can't change it
lib_table.value = 'stolen'
