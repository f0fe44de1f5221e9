-- select with an index beyond the arguments.
--@expect value 0
return select('#', select(2 ^ 31 - 1, 1, 2, 3))
