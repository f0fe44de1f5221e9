--@about A sheep.
object.components.speed = 3
