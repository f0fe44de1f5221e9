-- select with a negative index.
--@expect value 3
return (select(-1, 1, 2, 3))
