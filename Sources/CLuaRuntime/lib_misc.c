/* string, math, os: the few functions that differ from stock. */

#include "internal.h"

#include <math.h>
#include <time.h>

/* ---- string ---- */

static int string_rep(lua_State *L) {
    plr_vm *vm = vm_of(L);
    size_t length;
    const char *s = luaL_checklstring(L, 1, &length);
    double times = luaL_checknumber(L, 2);
    times = trunc(times);
    if (!(times >= 1) || length == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    double total = times * (double)length;
    if (total > (double)vm->limit) plr_raise_fatal(L, PLR_ERROR_MEMORY);
    size_t size = (size_t)total;
    char *text = plr_text_begin(L, vm, size);
    plr_text_copy(L, vm, text, s, length);
    for (size_t done = length; done < size;) {
        size_t phase = done % length, more = done - phase; /* a piece may end anywhere in the text */
        if (more > size - done) more = size - done;
        if (more > 256 << 10) more = 256 << 10;
        CHECK_INTERRUPT(L, vm);
        memcpy(text + done, text + phase, more);
        done += more;
    }
    plr_text_end(L, vm, size);
    return 1;
}

const luaL_Reg plr_string_functions[] = {{"rep", string_rep}, {NULL, NULL}};

/* ---- math.random: xorshift128+, one state per VM ---- */

static uint64_t mix(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void plr_seed_random(plr_vm *vm, uint64_t seed) {
    vm->random[0] = mix(&seed);
    vm->random[1] = mix(&seed);
    if (vm->random[0] == 0 && vm->random[1] == 0) vm->random[0] = 1;
}

/* In [0, 1), 53 bits. */
static double next_random(plr_vm *vm) {
    uint64_t a = vm->random[0], b = vm->random[1];
    uint64_t sum = a + b;
    vm->random[0] = b;
    a ^= a << 23;
    vm->random[1] = a ^ b ^ (a >> 18) ^ (b >> 5);
    return (double)(sum >> 11) * (1.0 / 9007199254740992.0);
}

static int math_random(lua_State *L) {
    double r = next_random(vm_of(L));
    switch (lua_gettop(L)) {
    case 0: lua_pushnumber(L, r); break;
    case 1: {
        double high = (double)luaL_checkinteger(L, 1);
        luaL_argcheck(L, 1 <= high, 1, "interval is empty");
        lua_pushnumber(L, floor(r * high) + 1);
        break;
    }
    case 2: {
        double low = (double)luaL_checkinteger(L, 1), high = (double)luaL_checkinteger(L, 2);
        luaL_argcheck(L, low <= high, 2, "interval is empty");
        lua_pushnumber(L, floor(r * (high - low + 1)) + low);
        break;
    }
    default: return luaL_error(L, "wrong number of arguments");
    }
    return 1;
}

static int math_randomseed(lua_State *L) {
    double number = luaL_checknumber(L, 1);
    uint64_t seed;
    memcpy(&seed, &number, sizeof seed);
    plr_seed_random(vm_of(L), seed);
    return 0;
}

void plr_open_math(lua_State *L) {
    lua_pushcfunction(L, math_random);
    lua_setfield(L, -2, "random");
    lua_pushcfunction(L, math_randomseed);
    lua_setfield(L, -2, "randomseed");
}

/* ---- os ---- */

void plr_set_time(plr_vm *vm, double time) {
    vm->has_time = !isnan(time);
    vm->time = time;
}

void plr_ask_clock(plr_vm *vm, bool enabled) {
    vm->asks_clock = enabled;
}

/* CPU time of the thread that runs the map: other maps don't count. */
static int os_clock(lua_State *L) {
    plr_vm *vm = vm_of(L);
    if (vm->asks_clock) {
        plr_ref none = plr_no_ref();
        return plr_call_host(L, vm, PLR_OP_CLOCK, 0, &none, 1, 0, false);
    }
    lua_pushnumber(L, (double)(plr_clock_ns(CLOCK_THREAD_CPUTIME_ID) / 1000) / 1e6);
    return 1;
}

/* Upvalue 1: the stock function. */
static int os_time(lua_State *L) {
    plr_vm *vm = vm_of(L);
    if (vm->has_time && lua_isnoneornil(L, 1)) {
        lua_pushnumber(L, floor(vm->time));
        return 1;
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

/* Upvalue 1: the stock function, guarded against formats and years that take long. */
static int os_date(lua_State *L) {
    size_t length = 0;
    luaL_optlstring(L, 1, "%c", &length);
    luaL_argcheck(L, length <= 200, 1, "a format has at most 200 bytes");
    if (!lua_isnoneornil(L, 2)) {
        double time = luaL_checknumber(L, 2);
        luaL_argcheck(L, time >= -62135596800.0 && time <= 253402300799.0, 2, "the time is not within years 1 to 9999");
    }
    plr_vm *vm = vm_of(L);
    if (vm->has_time && lua_isnoneornil(L, 2)) {
        lua_settop(L, 1);
        lua_pushnumber(L, floor(vm->time));
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* With the stock table at the top: pushes ours. */
void plr_open_os(lua_State *L) {
    lua_createtable(L, 0, 4);
    lua_pushcfunction(L, os_clock);
    lua_setfield(L, -2, "clock");
    lua_getfield(L, -2, "date");
    lua_pushcclosure(L, os_date, 1);
    lua_setfield(L, -2, "date");
    lua_getfield(L, -2, "difftime");
    lua_setfield(L, -2, "difftime");
    lua_getfield(L, -2, "time");
    lua_pushcclosure(L, os_time, 1);
    lua_setfield(L, -2, "time");
}
