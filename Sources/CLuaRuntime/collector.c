/* Collections: when one is due, how often Lua begins a cycle by itself, and full ones in steps. */

#include "internal.h"

enum { STEPS_PER_CHECK = 1 };

/* Mark phases of a collection of everything: that of the cycle under way, that of one complete cycle, and that of the
 * cycle after it, which shows that the complete cycle has ended. */
enum { MARKS_OF_ALL = 3 };

void plr_set_up_collector(plr_vm *vm) {
    uint64_t limit = memory_limit(&vm->memory);
    vm->collector.longest_pause_up_to = limit / 8 < LARGE_VM ? limit / 8 : LARGE_VM;
    vm->collector.pause = LONGEST_PAUSE;
    lua_gc(vm->L, LUA_GCSETPAUSE, LONGEST_PAUSE);
}

/* Lua begins a cycle when memory has grown by the pause. Under a memory limit that may never happen; then a full
 * collection would be due at the soft limit, inside a call. So the fuller the VM is, the earlier a cycle begins. */
void plr_adjust_pause(plr_vm *vm) {
    uint64_t used = bytes_in_use(&vm->memory);
    uint64_t pause = memory_limit(&vm->memory) * 85 / (used + 1);
    uint64_t longest = used > LARGE_VM ? PAUSE_OF_LARGE : LONGEST_PAUSE;
    if (pause > longest) pause = longest;
    if (pause < 105) pause = 105;
    if (pause / 8 == vm->collector.pause / 8) return;
    vm->collector.pause = (uint32_t)pause;
    lua_gc(vm->L, LUA_GCSETPAUSE, (int)pause);
}

void plr_request_collection(plr_vm *vm) {
    if (vm->collector.is_due || running_coroutine(&vm->coroutines) == NULL) return;
    vm->collector.is_due = true;
    plr_arm_hook(vm);
}

static void end_collection(plr_vm *vm) {
    vm->collector.is_due = false;
    vm->collector.marks_left = 0;
    plr_note_use_after_collection(&vm->memory);
}

void plr_collect_now(lua_State *L, plr_vm *vm) {
    vm->collector.is_due = true;
    lift_limits(&vm->memory);
    lua_gc(L, LUA_GCCOLLECT, 0);
    restore_limits(&vm->memory);
    end_collection(vm);
}

/* Lua halves its string table and its buffer at most once per collection. */
void plr_collect_until_stable(plr_vm *vm) {
    for (uint64_t used = UINT64_MAX; bytes_in_use(&vm->memory) < used;) {
        used = bytes_in_use(&vm->memory);
        plr_collect_now(vm->L, vm);
    }
}

/* Lua does not report when a cycle of its collector ends, and lua_gc(LUA_GCSTEP) may do a whole cycle at once. So a
 * weak table holds the sentinel, a table to which nothing else refers: when the sentinel has disappeared from it, a
 * cycle has marked everything that is alive, and its sweep begins. When a second sentinel has disappeared, that sweep
 * has ended. A finalizer can't be used instead: to call it, Lua needs a level of C calls and a frame, and where a
 * script has used them up, the collector raises an error in the middle of its step. */
void plr_open_collector(lua_State *L) {
    lua_createtable(L, 1, 0);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawseti(L, LUA_REGISTRYINDEX, R_SENTINEL);
}

/* If the sentinel has died, counts the mark phase and makes a new sentinel. */
static void look_at_sentinel(lua_State *L, collector_state *collector) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_SENTINEL);
    lua_rawgeti(L, -1, 1);
    bool lives = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (!lives || !collector->has_sentinel) {
        if (collector->has_sentinel) collector->marks_left--;
        collector->has_sentinel = false;
        lua_newtable(L);
        lua_rawseti(L, -2, 1);
        collector->has_sentinel = true;
    }
    lua_pop(L, 1);
}

static void run_cycles(lua_State *L, plr_vm *vm, bool may_end_early) {
    collector_state *collector = &vm->collector;
    while (collector->marks_left > 0) {
        CHECK_INTERRUPT(L, vm);
        lift_limits(&vm->memory);
        look_at_sentinel(L, collector);
        for (int i = 0; i < STEPS_PER_CHECK; i++) {
            lua_gc(L, LUA_GCRESTART, 0); /* makes the next allocation run a step */
            lua_pushliteral(L, "");
            lua_pop(L, 1);
        }
        restore_limits(&vm->memory);
        bool is_sweeping = collector->marks_left < MARKS_OF_ALL;
        if (may_end_early && is_sweeping && is_well_below_soft_limit(&vm->memory)) collector->marks_left = 0;
    }
    end_collection(vm);
}

static void begin_cycles(collector_state *collector) {
    collector->marks_left = MARKS_OF_ALL;
    collector->has_sentinel = false; /* the sentinel in the table may have died long ago */
}

/* Objects that the cycle under way has already marked may be garbage by now, so a second cycle follows if the first did
 * not free enough. */
void plr_collect_in_steps(lua_State *L, plr_vm *vm) {
    if (vm->collector.marks_left == 0) begin_cycles(&vm->collector);
    run_cycles(L, vm, true);
}

void plr_collect_all(lua_State *L, plr_vm *vm) {
    begin_cycles(&vm->collector);
    run_cycles(L, vm, false);
}

/* ---- for the host ---- */

void plr_collect(plr_vm *vm) {
    if (!plr_in_call(vm)) plr_collect_now(vm->L, vm);
}

void plr_collect_step(plr_vm *vm) {
    if (plr_in_call(vm)) return;
    lift_limits(&vm->memory);
    lua_gc(vm->L, LUA_GCSTEP, 0);
    restore_limits(&vm->memory);
}

static int collect_all(lua_State *L, void *parameters) {
    plr_collect_all(L, parameters);
    return 0;
}

int32_t plr_collect_inside(plr_vm *vm) {
    return plr_run_protected(vm, collect_all, vm);
}
