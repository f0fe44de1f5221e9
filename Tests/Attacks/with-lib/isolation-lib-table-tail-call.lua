-- Nor by a tail call from a lib's callback.
--@expect value false
return lib_each(function(v) return table.insert(lib_table.list, v) end)
