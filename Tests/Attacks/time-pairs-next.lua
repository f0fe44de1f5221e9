-- A __next that always answers.
--@expect time
for k in pairs(setmetatable({}, {__next = function(_, k) return (k or 0) + 1 end})) do end
