-- sub with positions at the ends of the range.
--@expect value abc
return ('abc'):sub(-2 ^ 53, 2 ^ 53)
