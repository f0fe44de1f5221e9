-- luacheck: the names that the server gives to scripts (luacheck lua/ --config lua/.luacheckrc).
std = "lua51"
max_line_length = 140
exclude_files = { "**/stubs/*" }
read_globals = {
  "objects", "map", "microtime", "keys", "split", "copy", "array",
  "data", "event", "name", "value", "old",
  -- what lib/ defines
  "rules", "face", "step", "step_towards", "stroll", "alive", "nearest_player", "die",
  "start_routine", "wake_map", "nobody_watches",
}
globals = { "object" } -- assigning its fields is what scripts are for
files["**/tests/*.lua"] = { read_globals = { "test", "expect", "world" } } -- for perigee test
files["**/lib/*.lua"] = { ignore = { "111", "121", "131" } } -- libs define globals on purpose
