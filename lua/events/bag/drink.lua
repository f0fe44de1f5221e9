--@about Drinks a potion out of the bag.
--@public true

local bag = object.components.bag
if not alive(object) or (bag.potions or 0) < 1 then
  return
end
if object.components.hp >= object.components.max_hp then
  -- Only this player's client receives the message.
  object.send({ action = "notice", text = "You are as healthy as can be." })
  return
end
bag.potions = bag.potions - 1
object.components.hp = math.min(object.components.hp + rules.potion_heals, object.components.max_hp)
object.action = "drink"
