--@order 50
--@about Seconds between two hp.
return 3
