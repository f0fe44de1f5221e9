--@about What hp can reach.
--@type number
--@default 10
--@entities players, enemys, animals

-- When max_hp becomes less than hp, hp is reduced to it.
if value and (object.components.hp or 0) > value then
  object.components.hp = value
end
