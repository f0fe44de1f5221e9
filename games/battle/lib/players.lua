-- A player is a socket: socket.data holds x, y and hp, and what strict() counts.

-- What clients are told of a player.
function description(socket)
  local player = socket.data
  return { id = socket.id, position = { x = player.x, y = player.y, hp = player.hp } }
end

local function is_place(value)
  -- NaN is not equal to itself.
  return type(value) == "number" and value == value and value >= -rules.farthest and value <= rules.farthest
end

-- Returns x and y of the place that a client names; or nil, what is wrong with it, and a code.
function place_in(wanted)
  if type(wanted) ~= "table" then
    return nil, "a move must have a place, such as {x: 5, y: 10}", "bad_move"
  end
  for _, axis in ipairs({ "x", "y" }) do
    if not is_place(wanted[axis]) then
      return nil, axis .. " must be a number from -1e15 to 1e15", "bad_move"
    end
  end
  return wanted.x, wanted.y
end

-- Whether a player may move once more now: `rules.moves` a second, `rules.burst` at once.
local function has_a_move_left(player)
  local now = microtime()
  local left = math.min(rules.burst, (player.moves or rules.burst) + (now - (player.moved or now)) * rules.moves)
  player.moved = now
  player.moves = left >= 1 and left - 1 or left
  return left >= 1
end

local function on_field(value)
  return math.max(0, math.min(rules.field - rules.square, value))
end

-- The place where a player who wants to go to x, y gets to; or nil, the reason why it stays, and a code.
function strict(player, x, y)
  if not has_a_move_left(player) then
    return nil, "more than " .. rules.moves .. " moves a second", "rate_limited"
  end
  return on_field(x), on_field(y)
end

function distance(one, other)
  return math.sqrt((one.x - other.x) ^ 2 + (one.y - other.y) ^ 2)
end
