-- a?^n a^n: two to the n ways.
--@expect time
return ('a'):rep(30):match(('a?'):rep(30) .. ('a'):rep(30))
