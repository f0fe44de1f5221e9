--@about A straw dummy to train with. It has no routine, so it just stands there.
object.side = "down"
