-- There is no string.dump, and nothing to load its result with.
--@expect value nilnilnilnil
return tostring(string.dump) .. tostring(load) .. tostring(loadstring) .. tostring(dofile)
