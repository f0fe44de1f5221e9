-- Nor get a new field.
--@expect runtime belongs to a lib: a script can't change it
lib_table.fresh = 1
