-- Numbers that several scripts share. Change one, save, and the running game follows.
-- What a lib file assigns globally is visible in every script (there is no require).
rules = {
  reach = 1.6,          -- tiles: how far a swing, a bite or a hand goes
  notice = 5,           -- tiles: from here a goblin sees a player
  lose = 10,            -- tiles: from here on it has lost him
  roam = 6,             -- tiles a creature strays from its home
  shy = 3.2,            -- tiles: a sheep runs when somebody is closer
  potion_heals = 5,     -- hp

  -- Where players wake up after they died, by map_id.
  camp = {
    [1] = { x = 22, y = 27 },
    [2] = { x = 12, y = 19 },
  },
}
