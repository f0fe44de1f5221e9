--@order 90
--@about Seconds between two messages of one player.
return 0.7
