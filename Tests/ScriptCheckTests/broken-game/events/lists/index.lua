-- expect 8:29 warning: index 0: a list begins at 1, and a table with a key 0 is sent and stored as an object
-- expect 9:6 warning: index 0: a list begins at 1, and a table with a key 0 is sent and stored as an object
-- expect 10:18 warning: index 0: a list begins at 1, and a table with a key 0 is sent and stored as an object
-- expect 11:18 warning: index 0: a list begins at 1, and a table with a key 0 is sent and stored as an object
-- expect 11:36 warning: index 0: a list begins at 1, and a table with a key 0 is sent and stored as an object
-- expect 12:25 warning: index 0: a list begins at 1, and a table with a key 0 is sent and stored as an object
local list = {}
print(object.components.bag[0].name)
list[(0)] = 1
local first = { [0] = "a", [1] = "b" }
for i = 1, #list[0] do print(first[0.0] + i, first[00 + 1]) end
list[1].inner[1] = list[0]
print(list[1], list["0"], list[1 - 1], list[#list])
