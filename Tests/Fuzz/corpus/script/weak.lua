local t = setmetatable({}, {__mode = 'kv'})
for i = 1, 100 do t[{}] = {} t[i] = ('x'):rep(i) end
return next(t)
