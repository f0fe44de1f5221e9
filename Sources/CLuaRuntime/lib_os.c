/* os: the time from the host, or from the machine's clock. */

#include "internal.h"

#include <math.h>
#include <time.h>

void plr_set_time(plr_vm *vm, double time) {
    vm->time.is_fixed = !isnan(time);
    vm->time.now = time;
}

void plr_use_host_clock(plr_vm *vm, bool enabled) {
    vm->time.host_has_clock = enabled;
}

/* CPU time of the thread that runs the VM: that of other threads does not count. */
static int os_clock(lua_State *L) {
    plr_vm *vm = vm_of(L);
    if (vm->time.host_has_clock) {
        plr_ref none = no_ref();
        return plr_call_host(L, vm, PLR_OP_CLOCK, 0, &none, 1, 0, false);
    }
    lua_pushnumber(L, (double)(plr_clock_ns(CLOCK_THREAD_CPUTIME_ID) / 1000) / 1e6);
    return 1;
}

/* Upvalue 1: the stock function. */
static int os_time(lua_State *L) {
    plr_vm *vm = vm_of(L);
    if (vm->time.is_fixed && lua_isnoneornil(L, 1)) {
        lua_pushnumber(L, floor(vm->time.now));
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
    if (length > 200) luaL_argerror(L, 1, lua_pushfstring(L, "a format has at most 200 bytes, got %d", (int)length));
    if (!lua_isnoneornil(L, 2)) {
        double time = luaL_checknumber(L, 2);
        luaL_argcheck(L, time >= -62135596800.0 && time <= 253402300799.0, 2, "the time is not within years 1 to 9999");
    }
    plr_vm *vm = vm_of(L);
    if (vm->time.is_fixed && lua_isnoneornil(L, 2)) {
        lua_settop(L, 1);
        lua_pushnumber(L, floor(vm->time.now));
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
