--@order 20
--@share owner
--@about Seconds between two swings. Players are quicker.
return object.type == "players" and 0.5 or 1.1
