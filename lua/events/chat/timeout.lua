--@order 90
--@share owner
--@about Seconds between two messages of one player.
return 0.7
