-- A set of a megabyte, tried at each of a million places.
--@expect time
return ('a'):rep(1000000):find('[' .. ('b'):rep(1000000) .. ']')
