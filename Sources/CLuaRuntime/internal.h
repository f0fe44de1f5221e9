#ifndef PERIGEE_LUA_RUNTIME_INTERNAL_H
#define PERIGEE_LUA_RUNTIME_INTERNAL_H

/* A VM has one struct for each concern. Only the files of that concern touch the struct; other files call the functions
 * of its header. Internal functions that other files call begin with plr_ and are hidden from the rest of the process;
 * they have the prefix because a static link has a single namespace. */

#include "base.h"

#include "bindings.h"
#include "blocks.h"
#include "buffer.h"
#include "classes.h"
#include "collector.h"
#include "control.h"
#include "coroutines.h"
#include "determinism.h"
#include "entry.h"
#include "errors.h"
#include "host.h"
#include "library.h"
#include "memory.h"
#include "packing.h"
#include "proxy.h"
#include "sampling.h"
#include "scripts.h"
#include "store.h"
#include "text.h"
#include "views.h"
#include "watchdog.h"

struct plr_vm {
    /* The fields that every allocation reads come first, so that they share few cache lines. */
    memory_state memory;     /* memory.c */
    block_state blocks;      /* blocks.c */
    watchdog_state watchdog; /* watchdog.c */

    lua_State *L;               /* the main coroutine; set once */
    plr_control *control;       /* control.c; set once */
    call_state calls;           /* entry.c */
    collector_state collector;  /* collector.c */
    coroutine_state coroutines; /* lib_coroutine.c */
    binding_state bindings;     /* bindings.c */
    script_state scripts;       /* scripts.c, compile.c */
    store_state store;          /* store.c */
    text_state text;            /* text.c */
    packing_state packing;      /* pack.c */
    random_state random;        /* lib_math.c */
    time_state time;            /* lib_os.c */
    error_state errors;         /* errors.c */
    sampling_state sampling;    /* sampling.c, sampler.c */
    class_table classes;        /* classes.c */
    host_state host;            /* host.c, answers.c */
};

/* ---- what a frame must not hold across a call ----
 *
 * A function of this library can affect its callers in five ways. Each entry says what a caller must not hold across
 * such a call.
 *
 * RAISES: a longjmp skips the rest of every frame up to the pcall. So no frame may be the only owner of memory, and a
 *   counter or flag that a frame changed is set back either before anything raises, or where errors are caught: the
 *   entries (entry.c), pcall and xpcall (finish_protected), resume (lib_coroutine.c), check_arguments (access.c).
 * ALLOCATES in Lua: a collection may run. It may free everything to which no stack slot, upvalue or registry entry
 *   refers: a text whose value was popped, the text that lua_tolstring made of a number on a slot that was popped, a
 *   userdata. There are no finalizers, and there must be none: where a script has used up the C levels, a step of the
 *   collector that calls one would raise.
 * GROWS the Lua stack or a table: no function here holds an address of a slot; a loop by lua_next only assigns to keys
 *   that exist. A function that needs more than LUA_MINSTACK slots asks for them by luaL_checkstack.
 * RUNS LUA: any script may run, which calls any function of this library again. So no buffer of the VM may be in use
 *   (`text.bytes`, `packing.scratch`, `bindings`, `host.results` of the same depth). Afterwards no address inside
 *   `scripts.envs`, `scripts.functions`, a class's `members`, or the store's arrays may be used, and no number that was
 *   read from the store before.
 * ASKS THE HOST: the host may run Lua, and move the store's arrays. While it answers TOSTRING or PACK it must not enter
 *   the VM: entries and bindings are refused then (host_answers_quietly). So a name or a packed value can be asked for
 *   with a buffer in use.
 *
 *   RUNS LUA   lua_call, lua_pcall, lua_resume; lua_gettable, lua_settable, lua_getfield, lua_setfield, lua_lessthan,
 *              lua_equal, lua_concat and luaL_callmeta where a value is not known to be raw; plr_list_get, plr_list_set
 *              and plr_list_length of a userdata; plr_to_text; plr_push_loop's iterator
 *   ASKS       plr_call_host; what reads or writes a member of a proxy: plr_push_member_value, plr_proxy_index,
 *              plr_proxy_newindex, plr_proxy_length, plr_proxy_next, plr_entities_index; plr_fail_removed
 *   ASKS QUIETLY  plr_push_proxy, and so plr_push_value, plr_push_packed; plr_push_proxy_name; plr_pack_proxy, and so
 *              plr_pack_value
 *   ALLOCATES  all of these; every lua_push… of a text, closure or userdata; lua_newtable, lua_createtable,
 *              lua_raw…set, lua_tolstring of a number, luaL_ref, luaL_checkstack, luaL_Buffer; CHECK_LOOP,
 *              plr_collect_…, plr_text_begin
 *   RAISES     all of these; CHECK_INTERRUPT, plr_text_copy; lua_tonumber and lua_isnumber of a text (libc.c checks
 *              the time limit); lua_next with a key that the table does not have
 *   nothing    luaL_unref of a reference (the registry's place 0 is made in open_vm); lua_type, lua_gettop,
 *              lua_settop, lua_pushvalue, lua_pushnumber, lua_pushboolean, lua_pushnil, lua_rawget, lua_rawgeti,
 *              lua_rawequal, lua_touserdata, lua_tolstring of a text, lua_objlen, lua_getstack
 *
 * Each buffer of the VM has one owner at a time. It is in use
 *   text.bytes       from plr_text_begin to plr_text_end: only raw reads happen there (concat first copies a list whose
 *                    reading runs Lua)
 *   packing.scratch  from begin_scratch to the last read of its bytes: by packing and unpacking only
 *   bindings         from plr_bind… to the last set_binding in plr_run
 *   host.results[d]  from plr_return_… of a host call of depth d to release_results; nested calls use the next depth
 */

#endif
