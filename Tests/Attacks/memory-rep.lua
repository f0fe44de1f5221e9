-- rep of 2 GB is refused before anything is made.
--@expect memory
return ('x'):rep(2e9)
