-- The numbers of the game. Distances are units of the field: the client's canvas shows one as one pixel.

rules = {
  start = 100, -- a newcomer stands anywhere from 0 to this, on both axes
  health = 100,
  range = 10, -- of an attack, as the crow flies
  damage = 10,

  -- Off, clients may go where they like as often as they like, as in the game that this one follows. On, the server
  -- keeps everybody on the field and takes no more than `moves` a second.
  strict = false,
  field = 500, -- the width and height that the canvas shows
  square = 10, -- a player's width and height; x and y are its left upper corner
  moves = 30, -- a second; a held key repeats about as often
  burst = 10, -- moves at once

  farthest = 1e15, -- beyond it, a step would be lost in rounding: such a place is no place
}
