-- Nor by rawset.
--@expect runtime bad argument #1 to 'rawset'
rawset(lib_table, 'value', 'stolen')
