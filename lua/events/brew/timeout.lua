--@order 80
--@about Seconds between two potions.
return 12
