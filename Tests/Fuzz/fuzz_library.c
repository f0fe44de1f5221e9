/* Calls a function of the standard library with arguments from its input, in our library and in stock Lua, and compares
 * the results. The first byte chooses the function; the others are its arguments, separated by bytes of 255. */

#include "fuzz.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

static const char *const functions[] = {
    "return show(pcall(string.find, a, b))",
    "return show(pcall(string.match, a, b))",
    "return show(pcall(string.gsub, a, b, c))",
    "return show(pcall(string.gsub, a, b, function(...) return (select(select('#', ...), ...)) end))",
    "local t = {} local ok, m = pcall(function() for x, y in string.gmatch(a, b) do t[#t + 1] = tostring(x) .. "
    "tostring(y)"
    " end end) return show(ok, m, table.concat(t, ';'))",
    "return show(pcall(string.format, b, a, tonumber(c) or 1, c))",
    "return show(tonumber(a), tonumber(a, 16), tonumber(b, 36), tonumber(b, 2), pcall(function() return a + 1 end))",
    "return show(a < b, a <= b, a == b, a .. b, #a, a:byte(1, -1))",
    "return show(pcall(string.find, a, b, tonumber(c), true))",
    "return show(a:upper(), a:lower(), a:reverse(), a:sub(tonumber(b) or 1, tonumber(c) or -1), a:rep(3))",
    "local t = {} for w in a:gmatch('[^,]+') do t[#t + 1] = w end local n = 0"
    " local ok, m = pcall(table.sort, t, b == '' and function(x, y) n = n + 1 return x > y end or nil)"
    " return show(ok, m, n, table.concat(t, b))",
};
enum { FUNCTIONS = sizeof functions / sizeof functions[0], LONGEST = 96 };

static const char show[] =
    "local function show(...) local t = {} for i = 1, select('#', ...) do local v = select(i, ...)"
    " t[i] = type(v) == 'number' and string.format('%.17g', v) or type(v) == 'string' and"
    " string.format('%q', v) or tostring(v) end return table.concat(t, ' ') end\n";

typedef struct {
    const char *bytes;
    size_t length;
} part;

static lua_State *stock(void) {
    static lua_State *L;
    if (L) return L;
    L = luaL_newstate();
    FUZZ_CHECK(L != NULL);
    luaL_openlibs(L);
    return L;
}

/* Whether the results can be compared. Not so are formats that print addresses or are not in 5.1's manual, and patterns
 * with more than six repetitions, on which stock Lua may take too long. */
static int is_comparable(int function, const part *parts) {
    if (function == 5) {
        for (size_t i = 0; i < parts[1].length; i++) {
            if (strchr("pPaAn", parts[1].bytes[i])) return 0;
        }
    }
    int repeated = 0;
    for (size_t i = 0; i < parts[1].length; i++) repeated += strchr("*+-?", parts[1].bytes[i]) != NULL;
    return repeated <= 6;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    if (length < 1 || length > LONGEST) return 0;
    int function = bytes[0] % FUNCTIONS;
    part parts[3] = {{"", 0}, {"", 0}, {"", 0}};
    const char *at = (const char *)bytes + 1, *end = (const char *)bytes + length;
    for (int i = 0; i < 3 && at <= end; i++) {
        const char *stop = i < 2 ? memchr(at, 255, (size_t)(end - at)) : NULL;
        if (stop == NULL) stop = end;
        parts[i] = (part){at, (size_t)(stop - at)};
        at = stop + 1;
    }
    char source[2048];
    snprintf(source, sizeof source, "%s%s", show, functions[function]);

    plr_vm *vm = fuzz_vm(NULL);
    plr_handle environment, script;
    FUZZ_CHECK(plr_env_new(vm, &environment) == PLR_OK);
    FUZZ_CHECK(plr_compile(vm, environment, source, strlen(source), "case.lua", 0, &script) == PLR_OK);
    for (int i = 0; i < 3; i++) {
        uint32_t name = plr_name(vm, &"abc"[i], 1);
        plr_bind_bytes(vm, name, PLR_STRING, parts[i].bytes, parts[i].length);
    }
    plr_value value;
    int status = plr_call_function(vm, script, FUZZ_LIMIT_NS, &value);
    FUZZ_CHECK(status == PLR_OK || status == PLR_ERROR_TIME || status == PLR_ERROR_MEMORY);
    if (status == PLR_OK && is_comparable(function, parts)
        && memmem(value.bytes, value.length, "pattern too complex", 19) == NULL) {
        lua_State *L = stock();
        for (int i = 0; i < 3; i++) {
            lua_pushlstring(L, parts[i].bytes, parts[i].length);
            lua_setfield(L, LUA_GLOBALSINDEX, i == 0 ? "a" : i == 1 ? "b" : "c");
        }
        FUZZ_CHECK(luaL_loadbuffer(L, source, strlen(source), "@case.lua") == 0);
        FUZZ_CHECK(lua_pcall(L, 0, 1, 0) == 0);
        size_t expected_length;
        const char *expected = lua_tolstring(L, -1, &expected_length);
        if (expected_length != value.length || memcmp(expected, value.bytes, value.length) != 0) {
            fprintf(stderr, "%s\nours:  %.*s\nstock: %.*s\n", functions[function], (int)value.length,
                    (const char *)value.bytes, (int)expected_length, expected);
            abort();
        }
        lua_settop(L, 0);
    }
    plr_function_release(vm, script);
    plr_env_release(vm, environment);
    return 0;
}
