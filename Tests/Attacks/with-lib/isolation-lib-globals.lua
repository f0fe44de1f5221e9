-- Nor can the libs' globals, when a lib gives them away.
--@expect runtime belongs to a lib: a script can't change it
lib_globals().lib_table = 'stolen'
