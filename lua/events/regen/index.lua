--@about Gives back one hp, again and again. spawn/players.lua adds it to players.
--@public false
--@repeat true

-- Not public: only scripts can add this event, so a client can't ask for hp.
if alive(object) and object.components.hp < object.components.max_hp then
  object.components.hp = object.components.hp + 1
end
