-- copy of nested tables, in a loop.
--@expect time
while true do copy({{}, {{}}}) end
