-- Captures opened and closed at each try.
--@expect time
return ('a'):rep(2000):find('(a-)(a-)(a-)(a-)(a-)(a-)b')
