-- unpack over the whole range of 32 bits.
--@expect runtime too many results to unpack
return unpack({}, -2 ^ 31, 2 ^ 31 - 1)
