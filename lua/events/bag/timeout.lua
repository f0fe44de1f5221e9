--@order 30
--@share owner
--@about Seconds between two uses of the bag.
return 0.4
