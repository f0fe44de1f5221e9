-- Nor by having it call rawset.
--@expect runtime bad argument #1
lib_call(rawset, lib_table, 'value', 'stolen')
