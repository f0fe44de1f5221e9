-- luacheck: the globals that the server gives to scripts (luacheck lua/ --config lua/.luacheckrc).
std = "lua51"
max_line_length = 140
exclude_files = { "**/stubs/*" }
read_globals = {
  "objects", "map", "microtime", "keys", "split", "copy", "array",
  "data", "event", "name", "value", "old",
  -- defined in lib/
  "rules", "face", "step", "step_towards", "stroll", "alive", "nearest_player", "die",
  "start_routine", "wake_map", "nobody_watches",
}
globals = { "object" } -- scripts may assign to its fields
files["**/tests/*.lua"] = { read_globals = { "test", "expect", "world" } } -- for perigee test
files["**/lib/*.lua"] = { ignore = { "111", "121", "131" } } -- libs define globals on purpose
