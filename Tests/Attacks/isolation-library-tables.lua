-- Emptied library tables are this script's own copies.
--@expect value nil
for _, name in ipairs({'string', 'table', 'math', 'os', 'coroutine', 'debug'}) do for k in pairs(_G[name]) do _G[name][k] = nil end end
return table.concat
