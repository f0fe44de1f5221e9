--@about What hp can reach.
--@type number
--@default 10
--@entities players, enemys, animals

-- Less room than life: the life shrinks.
if value and (object.components.hp or 0) > value then
  object.components.hp = value
end
