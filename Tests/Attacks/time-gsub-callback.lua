-- gsub whose callback does not come back.
--@expect time
('x'):gsub('x', function() while true do end end)
