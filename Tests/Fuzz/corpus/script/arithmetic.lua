local a, b = 1, 2
return (a + b) * 3 ^ 2 % 7 - -b / 4 .. 'x'
