-- The rules that hold when lib/rules.lua says strict = true. The functions of lib/ are the test's own copies, so they
-- are tested here alone; move.lua asks strict() for each move.

test("nobody leaves the field", function()
  local corner = rules.field - rules.square
  expect({ strict({}, -5, 250) }).is({ 0, 250 })
  expect({ strict({}, 1e9, -1e9) }).is({ corner, 0 })
  expect({ strict({}, corner, corner + 1) }).is({ corner, corner })
end)

test("moves are counted", function()
  local player = {}
  local function moves(tries)
    local count = 0
    for _ = 1, tries do
      count = count + (strict(player, 1, 1) and 1 or 0)
    end
    return count
  end
  expect(moves(100)).is(rules.burst)
  local _, reason, code = strict(player, 1, 1)
  expect(reason).is("more than 30 moves a second")
  expect(code).is("rate_limited")
  world.advance(0.11)
  expect(moves(100)).is(3)
  world.advance(3600)
  expect(moves(100)).is(rules.burst)
end)
