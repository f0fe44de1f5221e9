-- expect 4:19 error: enemys have no component 'bag'; it is declared for players
-- expect 5:8 error: send is for players only, and enemys have no client
-- expect 6:7 warning: 'data' is not there in this script, only in events and socket events
object.components.bag = {}
object.send({ text = "enemies have no client" })
print(data, secret)
secret = true
if object.type == "players" then print(secret) end
