-- A frontier with a large set at each place.
--@expect time
return ('a'):rep(500000):find('%f[' .. ('b'):rep(500000) .. ']x')
