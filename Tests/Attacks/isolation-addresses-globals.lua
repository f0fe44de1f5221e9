-- Nor any global.
--@expect value nil
local function look(t, depth) for k, v in pairs(t) do if tostring(v):find('0x%x') then return k end if type(v) == 'table' and depth < 3 then local found = look(v, depth + 1) if found then return found end end end end
return look(_G, 0)
