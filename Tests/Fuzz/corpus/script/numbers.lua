return tonumber('0x10'), tonumber('z', 36), '10' + 5, 2 ^ 53, 1 / 0, -(0 / 0), math.floor(-1.5), math.random(1, 6), 1e308 * 10
