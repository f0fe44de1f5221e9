-- A back reference to a long capture, at each place.
--@expect time
return ('a'):rep(20000):find('(a*)%1b')
