-- A lib changes its own state, also when a script calls it with a colon.
--@expect value 2
lib_table:count()
return lib_table:count()
