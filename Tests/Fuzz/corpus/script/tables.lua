local t = {1, 2, x = 3, [10] = 4, {5}}
t.y = t
for k, v in pairs(t) do t[k] = nil end
return #t, next(t)
