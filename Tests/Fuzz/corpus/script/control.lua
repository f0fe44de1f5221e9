local n = 0
for i = 1, 10 do if i % 2 == 0 then n = n + i elseif i > 5 then break else n = n - 1 end end
repeat n = n - 1 until n < 0
while n < 3 do n = n + 1 end
return n
