-- Walking. One map unit is one tile, y grows downward, so "up" is y - 1.

local function tile(n)
  return math.floor(n + 0.5)
end

local sides = { up = { 0, -1 }, down = { 0, 1 }, left = { -1, 0 }, right = { 1, 0 } }

-- Turns the entity towards (dx, dy). Clients draw `side`, and an attack uses it as its direction.
function face(object, dx, dy)
  local now = sides[object.side]
  if dx == 0 and dy == 0 or now and math.abs(dx) == math.abs(dy) and now[1] * dx + now[2] * dy > 0 then
    return -- on a diagonal two sides are right: keep the current one
  end
  local side
  if math.abs(dx) > math.abs(dy) then
    side = dx > 0 and "right" or "left"
  else
    side = dy > 0 and "down" or "up"
  end
  if object.side ~= side then
    object.side = side
  end
end

-- One step to a neighbouring tile. When something is in the way, it only turns the entity and returns false.
function step(object, dx, dy)
  face(object, dx, dy)
  local x, y = tile(object.x) + dx, tile(object.y) + dy
  if not map.walkable(x, y) then
    return false
  end
  object.x, object.y = x, y
  object.action = "move" -- tells clients that the entity walked (and was not, for example, moved by a portal)
  return true
end

-- One step straight towards a place, or along an obstacle. Returns false when no step brings it closer.
local function slide(object, x, y)
  local dx, dy = x - tile(object.x), y - tile(object.y)
  local sx = dx > 0 and 1 or dx < 0 and -1 or 0
  local sy = dy > 0 and 1 or dy < 0 and -1 or 0
  if math.abs(dx) >= math.abs(dy) then
    return sx ~= 0 and step(object, sx, 0) or sy ~= 0 and step(object, 0, sy)
  end
  return sy ~= 0 and step(object, 0, sy) or sx ~= 0 and step(object, sx, 0)
end

-- A path around obstacles costs a search, so it is searched once and then followed. The keys are weak: the path of an
-- entity that left the map is freed.
local ways = setmetatable({}, { __mode = "k" })

local function way_to(object, x, y)
  local way = ways[object]
  if way and way.x == x and way.y == y then
    local at = way.nodes and way.nodes[way.next - 1]
    if not way.nodes or (at.x == tile(object.x) and at.y == tile(object.y)) then
      return way
    end
  end
  -- No search when the goal is not walkable: slide() goes as near as it can.
  local found = map.walkable(x, y) and map.path(tile(object.x), tile(object.y), x, y) or nil
  way = { x = x, y = y }
  if found then
    way.nodes = { { x = tile(object.x), y = tile(object.y) } }
    for _, node in ipairs(found) do
      local last = way.nodes[#way.nodes]
      if node.x ~= last.x or node.y ~= last.y then
        way.nodes[#way.nodes + 1] = node
      end
    end
    way.next = 2
  end
  ways[object] = way
  return way
end

-- One step on the path to (x, y). Returns the length of the step when the entity has not arrived yet: 1, or 1.41 for a
-- diagonal step. Returns nil when it has arrived or can't get nearer.
function step_towards(object, x, y)
  x, y = tile(x), tile(y)
  local way = way_to(object, x, y)
  local node = way.nodes and way.nodes[way.next]
  local moved, length = false, 1
  if node then
    local dx, dy = node.x - tile(object.x), node.y - tile(object.y)
    moved, length = step(object, dx, dy), math.sqrt(dx * dx + dy * dy)
    way.next = way.next + 1
  elseif not way.nodes then
    moved = slide(object, x, y)
  end
  if moved and (tile(object.x) ~= x or tile(object.y) ~= y) then
    return length
  end
  ways[object] = nil
end

-- One step in a random direction, not further than rules.roam from home.
local directions = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 } }

function stroll(object)
  local d = directions[math.random(4)]
  local home = object.components.home
  if home then
    local x, y = object.x - home.x, object.y - home.y
    local before, after = math.abs(x) + math.abs(y), math.abs(x + d[1]) + math.abs(y + d[2])
    if after > rules.roam and after > before then
      return
    end
  end
  step(object, d[1], d[2])
end
