-- %b over two million open brackets.
--@expect time
return ('('):rep(2000000):find('%b()')
