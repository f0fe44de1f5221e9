-- expect 6:19 error: component bag must be a table (it is declared json) or nil, not a number
-- expect 7:33 error: a component can't hold a function
--@type json
--@default {"slots": []}
--@entities players
object.components.bag = 3
object.components.bag = { use = function() end }
object.components.bag = nil
