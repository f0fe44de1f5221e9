-- repeat with a condition that a metamethod keeps false.
--@expect time
local never = setmetatable({}, {__eq = function() return false end})
local other = setmetatable({}, getmetatable(never))
repeat until never == other
