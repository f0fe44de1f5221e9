-- Nested greedy repetitions that fail at the end.
--@expect time
return ('a'):rep(5000):find('a*a*a*a*a*b')
