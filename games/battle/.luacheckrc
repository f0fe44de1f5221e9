-- luacheck: the names that the server gives to scripts (luacheck games/battle --config games/battle/.luacheckrc).
std = "lua51"
max_line_length = 140
read_globals = {
  "objects", "map", "microtime", "keys", "split", "copy", "array", "io",
  "data", "args", "ack", "reason",
  -- what lib/ defines
  "rules", "description", "place_in", "strict", "distance",
}
globals = { "socket" } -- writing socket.data is what scripts are for
files["**/tests/*.lua"] = { read_globals = { "test", "expect", "world" } } -- for perigee test
files["**/lib/*.lua"] = { ignore = { "111", "121", "131" } } -- libs define globals on purpose
