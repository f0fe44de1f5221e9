--@order 30
--@about Seconds between two uses of the bag.
return 0.4
