--@order 50
--@share owner
--@about Seconds between two hp.
return 3
