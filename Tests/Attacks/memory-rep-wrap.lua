-- A length that wraps around in 64 bits.
--@expect memory
return ('x'):rep(2 ^ 63 + 4096)
