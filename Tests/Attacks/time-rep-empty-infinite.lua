-- rep of nothing, infinitely often.
--@expect value 0
return #(''):rep(1 / 0)
