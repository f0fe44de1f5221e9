-- rep of nothing, two thousand million times: must give "" at once.
--@expect value 0
return #(''):rep(2e9)
