-- expect 5:14 error: 'disconected' is no reason to leave; did you mean 'disconnected'?
-- expect 6:14 error: 'gone' is no reason to leave; there are disconnected, removed, moved, closed
-- expect 7:7 warning: 'old' is not there in this script, only in components' triggers
print(reason == "closed", reason ~= "moved")
if reason == "disconected" then return end
if reason == "gone" then return end
print(old)
