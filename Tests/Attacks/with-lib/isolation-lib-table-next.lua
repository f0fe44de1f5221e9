-- Nor through what pairs gives.
--@expect runtime belongs to a lib: a script can't change it
for k, v in pairs(lib_table) do if k == 'nested' then v.value = 'stolen' end end
