-- Numbers that several scripts share. Change one, save, and the running game uses it.
-- Every script can read the globals that a lib assigns (there is no `require`).
rules = {
  reach = 1.6,          -- tiles: the reach of an attack and of picking things up
  notice = 5,           -- tiles: a goblin notices a player at this distance or closer
  lose = 10,            -- tiles: a goblin gives up a player who is farther away
  roam = 6,             -- tiles: how far a creature strolls from its home
  shy = 3.2,            -- tiles: a sheep runs away from a player who is closer
  potion_heals = 5,     -- hp that one potion gives back

  -- Where players wake up after they died, by map_id.
  camp = {
    [1] = { x = 22, y = 27 },
    [2] = { x = 12, y = 19 },
  },
}
