-- A product of lengths that wraps around in 64 bits.
--@expect memory
return ('x'):rep(65536):rep(2 ^ 48 + 1)
