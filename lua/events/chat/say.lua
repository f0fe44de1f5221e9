--@about Says something to everybody on the map.
--@public true
--@param text string

if object.muted then
  object.send({ action = "notice", text = "You are muted: nobody hears you." })
  return
end

local text = data.text:gsub("%c", " "):sub(1, 160)
-- The cut may have split a character of several bytes: remove the incomplete character at the end.
text = text:gsub("[\194-\244][\128-\191]*$", function(last)
  local need = last:byte() >= 240 and 4 or last:byte() >= 224 and 3 or 2
  return #last < need and "" or last
end)
if text:find("%S") then
  map.broadcast({ action = "chat", key = object.key, login = object.login, text = text })
end
