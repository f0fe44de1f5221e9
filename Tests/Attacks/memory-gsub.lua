-- gsub that writes a kilobyte for each letter.
--@expect memory
--@limit 5000
return #('x'):rep(100000):gsub('x', ('y'):rep(1000))
