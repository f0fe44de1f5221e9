--@order 80
--@share none
--@about Seconds between two potions.
return 12
