--@about Gives back one hp. Hung on players by spawn/players.lua.
--@public false

-- Not public: only scripts can add this event, so a client can't ask for hp.
if alive(object) and object.components.hp < object.components.max_hp then
  object.components.hp = object.components.hp + 1
end
object.events.add("regen", "index")
