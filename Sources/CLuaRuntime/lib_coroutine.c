/* Coroutines. The VM must know which one runs, because a hook belongs to one coroutine. */

#include "internal.h"

enum { RUNNING, SUSPENDED, NORMAL, DEAD };
static const char *const names[] = {"running", "suspended", "normal", "dead"};

static int state_of(lua_State *L, lua_State *co) {
    if (L == co) return RUNNING;
    lua_Debug ar;
    switch (lua_status(co)) {
    case LUA_YIELD: return SUSPENDED;
    case 0:
        if (lua_getstack(co, 0, &ar)) return NORMAL;
        return lua_gettop(co) == 0 ? DEAD : SUSPENDED;
    default: return DEAD;
    }
}

/* Gives the number of results, or -1 with the error at the top. */
static int resume(lua_State *L, lua_State *co, int count) {
    plr_vm *vm = vm_of(L);
    int state = state_of(L, co);
    CHECK_INTERRUPT(L, vm);
    /* Growing the stack of a coroutine that does not run is not protected: if the memory were refused, the process
     * would end. */
    lift_limits(&vm->memory);
    int room = lua_checkstack(co, count + 1);
    restore_limits(&vm->memory);
    if (!room) luaL_error(L, "too many arguments to resume");
    if (state != SUSPENDED) {
        lua_pushfstring(L, "cannot resume %s coroutine", names[state]);
        return -1;
    }
    lua_xmove(L, co, count);
    lua_setlevel(L, co);
    uint32_t depth = host_depth(&vm->host);
    coroutine_state *coroutines = &vm->coroutines;
    lua_State *previous = coroutines->running;
    resumer by = {L, coroutines->resumers};
    coroutines->resumers = &by;
    coroutines->running = co;
    if (PLR_UNLIKELY(collection_is_due(&vm->collector))) plr_arm_hook(vm);
    int status = lua_resume(co, count);
    bool fatal = status != 0 && status != LUA_YIELD ? plr_is_fatal(vm, status) : fatal_kind(&vm->errors) != 0;
    coroutines->running = previous;
    /* The coroutine may have ended before its hook ran. */
    if (PLR_UNLIKELY(collection_is_due(&vm->collector))) plr_arm_hook(vm);
    coroutines->resumers = by.outer;
    unwind_host_calls(&vm->host, depth);
    if (fatal) plr_rethrow(L, vm);
    CHECK_INTERRUPT(L, vm);
    if (status == 0 || status == LUA_YIELD) {
        int results = lua_gettop(co);
        if (!lua_checkstack(L, results + 1)) luaL_error(L, "too many results to resume");
        lua_xmove(co, L, results);
        return results;
    }
    lua_xmove(co, L, 1);
    return -1;
}

static lua_State *check_coroutine(lua_State *L) {
    lua_State *co = lua_tothread(L, 1);
    luaL_argcheck(L, co != NULL, 1, "coroutine expected");
    return co;
}

static int coroutine_resume(lua_State *L) {
    lua_State *co = check_coroutine(L);
    int results = resume(L, co, lua_gettop(L) - 1);
    lua_pushboolean(L, results >= 0);
    if (results < 0) {
        results = 1;
        forget_coroutine_trace(&vm_of(L)->errors); /* the error ends here */
    }
    lua_insert(L, -(results + 1));
    return results + 1;
}

static int run_wrapped(lua_State *L) {
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int results = resume(L, co, lua_gettop(L));
    if (results >= 0) return results;
    plr_record_coroutine(&vm_of(L)->errors, co);
    if (lua_isstring(L, -1)) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int coroutine_create(lua_State *L) {
    luaL_argcheck(L, lua_isfunction(L, 1) && !lua_iscfunction(L, 1), 1, "Lua function expected");
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int coroutine_wrap(lua_State *L) {
    coroutine_create(L);
    lua_pushcclosure(L, run_wrapped, 1);
    return 1;
}

static int coroutine_status(lua_State *L) {
    lua_State *co = check_coroutine(L);
    lua_pushstring(L, names[state_of(L, co)]);
    return 1;
}

static int coroutine_running(lua_State *L) {
    if (lua_pushthread(L)) lua_pushnil(L); /* scripts see no coroutine in the main thread */
    return 1;
}

static int coroutine_yield(lua_State *L) {
    return lua_yield(L, lua_gettop(L));
}

const luaL_Reg plr_coroutine_functions[] = {
    {"create", coroutine_create},
    {"resume", coroutine_resume},
    {"running", coroutine_running},
    {"status", coroutine_status},
    {"wrap", coroutine_wrap},
    {"yield", coroutine_yield},
    {NULL, NULL},
};
