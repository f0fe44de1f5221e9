-- Nor when it gives its environment away.
--@expect runtime belongs to a lib: a script can't change it
lib_environment().lib_table = 'stolen'
