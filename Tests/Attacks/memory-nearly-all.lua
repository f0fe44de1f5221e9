-- rep up to nearly the cap.
--@expect value 14000000
--@limit 5000
return #('x'):rep(14000000)
