-- Chat: events/chat/.

world.map(1, { entities = false })

local function said(player)
  world.tick() -- messages come with the next delta
  local texts = {}
  for _, message in ipairs(world.received(player)) do
    if message.action == "chat" then
      texts[#texts + 1] = message.text
    end
  end
  return texts
end

test("everybody hears what one says, and who it was", function()
  local anna, ben = world.join("anna"), world.join("ben")
  world.command(anna, "chat/say", { text = "Hello" })
  expect(said(anna)).is({ "Hello" })
  expect(world.received(ben)).contains({ action = "chat", key = anna.key, login = "anna", text = "Hello" })
end)

test("a muted player is not heard, is told so, and is heard again afterwards", function()
  local anna, ben = world.join("anna"), world.join("ben")
  world.mute(anna, 60)
  world.command(anna, "chat/say", { text = "Hello" })
  expect(said(ben)).is({})
  expect(world.received(anna)).contains({ action = "notice", text = "You are muted: nobody hears you." })
  world.advance(60)
  world.command(anna, "chat/say", { text = "Hello again" })
  expect(said(ben)).is({ "Hello again" })
end)

test("nothing is said with blanks alone", function()
  local anna = world.join("anna")
  world.command(anna, "chat/say", { text = "  \t\n " })
  expect(said(anna)).is({})
end)

test("a line break is a blank", function()
  local anna = world.join("anna")
  world.command(anna, "chat/say", { text = "one\ntwo" })
  expect(said(anna)).is({ "one two" })
end)

test("a long text is cut, and no character in two", function()
  local anna = world.join("anna")
  world.command(anna, "chat/say", { text = string.rep("a", 159) .. "ä" })
  world.advance(1)
  world.command(anna, "chat/say", { text = string.rep("a", 158) .. "ä!" })
  expect(said(anna)).is({ string.rep("a", 159), string.rep("a", 158) .. "ä" })
end)

test("who talks too fast says only the last of it", function()
  local anna = world.join("anna")
  for number = 1, 10 do
    world.command(anna, "chat/say", { text = tostring(number) })
  end
  world.advance(2)
  expect(said(anna)).is({ "1", "10" })
end)
