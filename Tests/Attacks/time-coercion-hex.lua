-- Arithmetic on four million spaces and a hexadecimal number without digits.
--@expect time
--@limit 10
local s = (' '):rep(4000000) .. '0x'
while true do pcall(function() return s * 1 end) end
