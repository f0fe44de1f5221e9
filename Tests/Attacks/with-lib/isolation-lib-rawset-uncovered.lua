-- Nor by the libs' rawset.
--@expect runtime bad argument #1 to 'rawset'
rawset = nil
rawset(lib_table, 'value', 'stolen')
