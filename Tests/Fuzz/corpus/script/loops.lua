for k, v in next, {1, 2, 3} do for i = 3, 1, -1 do while true do break end end end
for w in ('a b c'):gmatch('%a') do split(w .. 'x', '') end
