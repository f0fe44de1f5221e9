-- unpack from NaN.
--@expect runtime too many results to unpack
return unpack({}, 0 / 0, 0 / 0)
