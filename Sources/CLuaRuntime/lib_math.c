/* math.random: xorshift128+, one state per VM. */

#include "internal.h"

#include <math.h>

static uint64_t mix(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void plr_seed_random(random_state *random, uint64_t seed) {
    random->words[0] = mix(&seed);
    random->words[1] = mix(&seed);
    if (random->words[0] == 0 && random->words[1] == 0) random->words[0] = 1;
}

/* In [0, 1), 53 bits. */
static double next_random(random_state *random) {
    uint64_t a = random->words[0], b = random->words[1];
    uint64_t sum = a + b;
    random->words[0] = b;
    a ^= a << 23;
    random->words[1] = a ^ b ^ (a >> 18) ^ (b >> 5);
    return (double)(sum >> 11) * (1.0 / 9007199254740992.0);
}

static int math_random(lua_State *L) {
    double r = next_random(&vm_of(L)->random);
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
    plr_seed_random(&vm_of(L)->random, seed);
    return 0;
}

void plr_open_math(lua_State *L) {
    lua_pushcfunction(L, math_random);
    lua_setfield(L, -2, "random");
    lua_pushcfunction(L, math_randomseed);
    lua_setfield(L, -2, "randomseed");
}
