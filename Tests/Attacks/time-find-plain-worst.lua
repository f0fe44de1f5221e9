-- One plain find whose every place matches almost to the end.
--@expect value nil
--@limit 2000
return ('a'):rep(2000000):find(('a'):rep(1000000) .. 'b', 1, true)
