-- expect 5:1 error: no loop to break near '<eof>'
object.components.hp = 5
objects.add("objects", { prefab = "sign", components = { sign = 4 } })
break
