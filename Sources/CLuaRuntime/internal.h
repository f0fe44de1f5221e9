#ifndef PERIGEE_LUA_RUNTIME_INTERNAL_H
#define PERIGEE_LUA_RUNTIME_INTERNAL_H

#include "CLuaRuntime.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define PLR_LIKELY(x) __builtin_expect(!!(x), 1)
#define PLR_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* Registry slots. luaL_ref hands out the integers after R_LAST. */
enum {
    R_HANDLER = 1, /* message handler of entries */
    R_RUN,         /* the protected entries, see entry.c */
    R_ADMIN,
    R_KEEP,
    R_RESULT,      /* keeps the last result alive */
    R_NAMES,       /* interned name -> its registry reference */
    R_ENV_META,    /* metatable of scripts' environments */
    R_ARRAY_MARKS, /* weak set of tables marked by array() */
    R_ERROR_VALUE, /* value last raised by error(), to know it again */
    R_VIEWS,       /* lib's table -> its view, weak values */
    R_VIEW_META,
    R_LIB_TABLES,  /* weak set of tables that libs use as metatables */
    R_LIB_FUNCTIONS, /* weak set of the library's functions that libs see */
    R_SENTINEL,    /* weak table with what tells that a collection has marked everything */
    R_SHARED,
    R_BASE,
    R_LAST
};

/* The bottom of the main stack. */
enum { BOTTOM_HANDLER = 1, BOTTOM_RUN, BOTTOM_ADMIN, BOTTOM_TOP = BOTTOM_ADMIN };

typedef struct {
    plr_ref ref;
    uint8_t key_length;
    char key[39]; /* of the entity, while key_length > 0: names it after its row is gone */
} plr_proxy;

typedef struct {
    const char *key; /* address of the interned string: strings of one content have one address */
    uint32_t kind;
    uint32_t index;
    uint32_t minimum;
    uint32_t flags;
} member;

enum { MAX_LOOPS = 4 };

typedef struct {
    uint16_t id;
    uint16_t related;
    uint32_t flags;
    char name[32];
    member *members;
    uint32_t member_count;
    uint32_t *buckets; /* open addressing over the keys' addresses: position in members + 1 */
    uint32_t bucket_mask;
    int metatable;     /* registry references */
    int anchors;       /* keeps the members' names alive */
    int cache;         /* BY_SLOT: array by slot; else weak table by the ref's bytes */
    int keys;          /* ENTITY: key strings by slot, valid while the cached proxy's generation is */
    int by_key;        /* ENTITY: key -> proxy, weak values */
    uint64_t loops[MAX_LOOPS], loop_clock; /* ENTITIES: when each loop by next() went on last; 0: ended */
} class_info;

typedef struct {
    uint8_t *data;
    size_t size, capacity;
} byte_buffer;

typedef struct {
    int ref;
    uint32_t serial;
    uint32_t active;    /* calls that run in it now */
    uint32_t functions; /* compiled for it and not released */
    bool used, released;
} env_entry;

typedef struct {
    int ref;
    uint32_t serial;
    uint32_t env; /* position in envs */
    bool used;
} function_entry;

enum { MAX_BINDINGS = 8, MAX_HOST_DEPTH = 256, MAX_MESSAGE = 4096, MAX_TRACEBACK = 8192 };

typedef struct {
    uint32_t name;
    plr_value value; /* bytes: an offset into bind_bytes */
} binding;

typedef struct {
    char *stack;
    uint64_t count;
} sample_entry;

/* Where the time goes, see sampling.c. */
typedef struct {
    _Atomic uint64_t wanted, wanted_sequence; /* samples that the sampler asks for, in that call */
    _Atomic uint64_t due, due_sequence;       /* samples that the hook must take, in that call */
    struct plr_vm *next; /* these are the sampler's own */
    uint64_t interval_ns; /* of CPU time; 0: off */
    uint64_t seen_cpu, unsampled_ns;
    sample_entry *entries;        /* open addressing by the stack's text */
    uint32_t used, capacity;
    uint64_t lost;                /* samples of stacks for which there was no more room */
} sampling_state;

/* Who resumed whom, innermost first; lives on the C frames of resume. */
typedef struct resumer {
    lua_State *L;
    struct resumer *outer;
} resumer;

typedef struct {
    char *message, *traceback, *file;
    size_t message_length, traceback_length, file_length;
    int32_t line;
    bool logged;
} error_record;

struct plr_control {
    _Atomic uint32_t holders;
    _Atomic bool stopping;
    pthread_mutex_t lock; /* guards vm */
    plr_vm *vm;
};

struct plr_vm {
    /* What every allocation looks at, in the first cache lines. `used` above `unnoticed` is a new peak, or above the
     * soft limit, or the call is to end: then the watchdog's signal sets it to 0. See below for `sequence`, `expired`. */
    uint64_t used;
    _Atomic uint64_t unnoticed;
    uint64_t allocated;
    _Atomic uint64_t sequence;
    _Atomic uint64_t expired;
    void *free_lists[16];

    lua_State *L;
    lua_State *volatile current; /* the running coroutine, whose hook the watchdog's signal arms */
    plr_control *control;

    /* Limits. `sequence` is odd while a call runs and is written by the owner only; a watchdog that finds the budget
     * of call s spent stores s in `expired`, and if the host stops the VM. */
    _Atomic uint64_t limit_ns;
    _Atomic int thread, clock; /* on which the call runs: its id and its CPU clock */
    int fatal; /* PLR_ERROR_TIME, MEMORY or STOPPED until the outermost entry returns */
    uint32_t depth;
    bool inside;             /* the outermost protected call runs */
    bool environments_moved; /* some script called setfenv */

    /* The watchdog's own: the processor's counter at the call's begin; the call that it has met, when that began and when
     * it was met; the VM whose host called this one on the same thread. */
    _Atomic uint64_t begin_count, seen, seen_cpu, seen_wall;
    struct plr_vm *outer_watched;

    /* memory */
    uint64_t peak, limit, soft_limit;
    uint32_t lifted;
    uint32_t pause; /* of the collector, in percent */
    uint64_t small; /* up to this much in use the pause is the largest */
    bool collect_wanted;
    int marks_left;   /* of the collection under way: cycles that have to mark what lives */
    uint64_t alive;   /* in use after the last collection */
    uint64_t largest; /* block asked for, halved at each collection */
    bool sentinel;    /* one was made, see plr_open_collector */
    bool crowded;     /* alive is above nine tenths of the limit */
    uint32_t compared; /* stretches of texts, see libc.c */
    char *text;       /* what rep or concat puts together */
    char *slab_next, *slab_end;
    void *slabs; /* those that malloc gave */
    char *region, *region_next, *region_end; /* where all others are */
    size_t slab_size;

    plr_options options;
    uint64_t random[2];
    bool has_time;   /* os.time and os.date show `time` */
    double time;
    bool asks_clock; /* os.clock asks the host */
    error_record error;
    sampling_state sampling;
    resumer *resumers;
    char *coroutine_trace; /* where the error that passes through wrap() came from */
    size_t coroutine_trace_length;
    bool measured;
    uint64_t last_call_ns;

    env_entry *envs;
    uint32_t env_count;
    function_entry *functions;
    uint32_t function_count, function_free, live_functions, live_envs;

    binding bindings[MAX_BINDINGS];
    uint32_t binding_count;
    bool bindings_lost; /* more were bound than fit, or there was no memory for one */
    bool error_value_kept;
    byte_buffer binding_bytes;
    byte_buffer scratch;                 /* packing */
    byte_buffer results[MAX_HOST_DEPTH]; /* per depth of host calls */
    uint32_t host_depth;
    int32_t asked; /* what the host answers now: PLR_OP_…; stale while Lua runs */
    struct plr_vm *outer_running; /* whose host called this VM */

    class_info *classes[256];
    plr_store *store;
    bool read_only;
    char read_only_message[160];
};

static inline plr_vm *vm_of(lua_State *L) {
    void *ud;
    lua_getallocf(L, &ud);
    return ud;
}

#ifdef PLR_HARD_MEMORY
/* For tests, of all VMs that this thread runs: one in so many allocations makes a collection due at once, one in so many
 * fails as if the VM were full. 0: none does. */
void plr_hard_memory(uint32_t collect_every, uint32_t fail_every, uint64_t seed);
#endif

/* What crosses files is hidden from the rest of the process, and has the prefix because a static link has one room for
 * all names. */
#pragma GCC visibility push(hidden)

/* The VM whose script runs on this thread; NULL also while the host's own code runs. */
extern _Thread_local plr_vm *plr_running;

/* ---- what may be held across what ----
 *
 * A function here can do five things to the frames below it. Each says what they must not hold across it.
 *
 * RAISES: a longjmp skips the rest of every frame up to the pcall. No frame may be the only owner of memory, and a
 *   counter or flag that it changed is set back either before anything raises, or by the ones that catch: the entries
 *   (entry.c), pcall and xpcall (finish_protected), resume (lib_coroutine.c), check_arguments (access.c).
 * ALLOCATES in Lua: a collection may run. Whatever no stack slot, upvalue or registry entry refers to may be gone: a text
 *   whose value was popped, the text that lua_tolstring made of a number on a slot that was popped, a userdata. There are
 *   no finalizers, and there must be none: a step of the collector would raise where a script has used up the C levels.
 * GROWS the Lua stack or a table: nothing here holds an address of a slot; a loop by lua_next only assigns to keys that
 *   exist. What each function needs above LUA_MINSTACK slots it asks for by luaL_checkstack.
 * RUNS LUA: any script may run, which calls any function of this library again. No buffer of the VM may be in use (`text`,
 *   `scratch`, `bindings`, `binding_bytes`, `results` of the same depth), and no address inside `envs`, `functions`, a
 *   class's `members`, or the store's arrays, and no number read from the store, be used afterwards.
 * ASKS THE HOST: it may run Lua, and move the store's arrays. While it answers TOSTRING or PACK it may not: an entry or a
 *   binding is refused then (plr_is_quiet), so that a name or a packed value can be asked for with a buffer in use.
 *
 *   RUNS LUA   lua_call, lua_pcall, lua_resume; lua_gettable, lua_settable, lua_getfield, lua_setfield, lua_lessthan,
 *              lua_equal, lua_concat and luaL_callmeta where a value is not known to be raw; plr_list_get, plr_list_set
 *              and plr_list_length of a userdata; plr_to_text; plr_push_loop's iterator
 *   ASKS       plr_call_host; what reads or writes a member of a proxy: plr_push_member_value, plr_proxy_index,
 *              plr_proxy_newindex, plr_proxy_length, plr_proxy_next, plr_entities_index; plr_fail_removed
 *   ASKS QUIETLY  plr_push_proxy, and so plr_push_value, plr_push_packed; plr_push_proxy_name; plr_pack_proxy, and so
 *              plr_pack_value
 *   ALLOCATES  all of these; every lua_push… of a text, closure or userdata; lua_newtable, lua_createtable, lua_raw…set,
 *              lua_tolstring of a number, luaL_ref, luaL_checkstack, luaL_Buffer; CHECK_LOOP, plr_collect_…, plr_text_begin
 *   RAISES     all of these; CHECK_INTERRUPT, plr_text_copy; lua_tonumber and lua_isnumber of a text (libc.c looks at the
 *              time); lua_next with a key that the table does not have
 *   nothing    luaL_unref of a reference (the registry's place 0 is made in open_vm); lua_type, lua_gettop, lua_settop, lua_pushvalue, lua_pushnumber, lua_pushboolean, lua_pushnil, lua_rawget,
 *              lua_rawgeti, lua_rawequal, lua_touserdata, lua_tolstring of a text, lua_objlen, lua_getstack
 *
 * Each buffer of the VM has one owner at a time, and a stretch in which it is in use:
 *   text           plr_text_begin to plr_text_end: only raw reads between (concat copies a list whose reading runs Lua)
 *   scratch        its size is set to 0, to the last read of its bytes: packing and unpacking only
 *   binding_bytes  plr_bind… to the end of pushing bindings in plr_run
 *   results[d]     plr_return_… of a host call of depth d to release_results; nested calls use the next depth
 */

/* ---- entries */
int plr_admin(plr_vm *vm, int (*function)(lua_State *, void *), void *parameters);
int plr_run_admin(lua_State *L);
int plr_run(lua_State *L);
int plr_keep(lua_State *L);
/* The value at the top, or every value above `base`, for the host. */
void plr_keep_result(lua_State *L, plr_vm *vm, plr_value *result);
void plr_keep_all(lua_State *L, plr_vm *vm, int base, plr_value *result);

/* ---- limits */
/* Whether the call's time is over or the host wants it to end: `plr_stop_kind` says which. */
static inline bool interrupted(const plr_vm *vm) {
    return PLR_UNLIKELY(atomic_load_explicit(&vm->expired, memory_order_relaxed)
                        == atomic_load_explicit(&vm->sequence, memory_order_relaxed));
}
/* To be called in every C loop that a script can make long. */
#define CHECK_INTERRUPT(L, vm)                   \
    do {                                         \
        if (interrupted(vm)) plr_raise_interrupt(L); \
    } while (0)

/* The same in loops that make garbage too, and in which everything alive is on the stack: no hook runs between. */
#define CHECK_LOOP(L, vm)                                                     \
    do {                                                                      \
        CHECK_INTERRUPT(L, vm);                                               \
        if (PLR_UNLIKELY((vm)->collect_wanted)) plr_collect_in_steps(L, vm);  \
    } while (0)

static inline int plr_stop_kind(const plr_vm *vm) {
    bool stopping = atomic_load_explicit(&vm->control->stopping, memory_order_relaxed);
    return stopping ? PLR_ERROR_STOPPED : PLR_ERROR_TIME;
}
int plr_raise_interrupt(lua_State *L) __attribute__((noreturn));
int plr_raise_fatal(lua_State *L, int kind) __attribute__((noreturn));
void plr_arm_hook(plr_vm *vm); /* on the thread that runs the VM */
/* False if there is no way to stop scripts of the calling thread: then none may run. */
bool plr_watchdog_begin(plr_vm *vm, uint64_t limit_ns);
void plr_watchdog_end(plr_vm *vm);
uint64_t plr_watchdog_spent(plr_vm *vm); /* CPU time of the running call */
void plr_watchdog_wake(plr_vm *vm); /* from any thread: the one that runs the VM looks at it */
uint64_t plr_clock_ns(int clock);

void plr_sampler_set(plr_vm *vm, uint64_t interval_ns);
bool plr_sample_is_due(plr_vm *vm); /* in the signal handler */
void plr_take_sample(lua_State *L, plr_vm *vm);
void plr_free_samples(plr_vm *vm);

/* ---- memory */
/* Of the collector, in percent of what was alive. Lua's own is 200; with 300 marking what is alive takes half of the
 * time, and a VM that has room to spare may as well use it. In a small one all that marking finds is the library, so it
 * waits for more garbage. */
enum { LARGEST_PAUSE = 600, PAUSE_OF_LARGE = 300, LARGE_VM = 4 << 20 };
void *plr_allocate(void *ud, void *block, size_t old_size, size_t new_size);
void plr_free_slabs(plr_vm *vm);
#ifdef PLR_HARD_MEMORY
/* Called for every block that is new or grows: may make a collection due, and tells whether the block is to be refused. */
bool plr_hard_memory_refuses(plr_vm *vm);
#endif
void plr_collect_now(lua_State *L, plr_vm *vm);
void plr_open_collector(lua_State *L);
void plr_collect_in_steps(lua_State *L, plr_vm *vm);
void plr_collect_all(lua_State *L, plr_vm *vm);
/* Raises the memory error when a block of this size can't be had, before anything is made for it. */
void plr_check_room(lua_State *L, plr_vm *vm, uint64_t bytes);
/* A long text: begin gives room for its bytes, copy fills it and looks at the time, end pushes it. */
char *plr_text_begin(lua_State *L, plr_vm *vm, size_t size);
void plr_text_copy(lua_State *L, plr_vm *vm, char *to, const char *from, size_t length);
void plr_text_end(lua_State *L, plr_vm *vm, size_t length);
void plr_text_free(plr_vm *vm);
bool plr_buffer_append(byte_buffer *buffer, const void *bytes, size_t length);

/* ---- errors */
int plr_message_handler(lua_State *L);
void plr_record_error(plr_vm *vm, const char *message, size_t length);
void plr_record_fatal(plr_vm *vm, lua_State *L, int kind);
void plr_record_position(plr_vm *vm, lua_State *L, int level);
size_t plr_write_traceback(lua_State *from, char *buffer, size_t size, int level);
void plr_push_where(lua_State *L);
int plr_throw(lua_State *L, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
bool plr_is_fatal(plr_vm *vm, int status);
/* Notes the stack of a coroutine that wrap() found failed. */
void plr_record_coroutine(plr_vm *vm, lua_State *co);
int plr_rethrow(lua_State *L, plr_vm *vm) __attribute__((noreturn));

/* ---- host */
/* Whether the host answers what it must answer without entering Lua; only meaningful while it answers something. */
static inline bool plr_is_quiet(const plr_vm *vm) {
    return vm->asked == PLR_OP_TOSTRING || vm->asked == PLR_OP_PACK;
}
plr_ref plr_no_ref(void);
/* Calls the dispatcher with the stack values first..first+count-1; pushes its results and gives their number. */
int plr_call_host(lua_State *L, plr_vm *vm, int op, uint32_t number, const plr_ref *self, int first, int count,
              bool writing);
void plr_push_global_function(lua_State *L, uint32_t member);
void plr_push_value(lua_State *L, plr_vm *vm, const plr_value *value, const uint8_t *base);
void plr_read_value(lua_State *L, plr_vm *vm, int index, plr_value *value);

/* The type as scripts know it: a proxy is a table. */
static inline const char *type_name(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TUSERDATA ? "table" : luaL_typename(L, index);
}

/* ---- proxies */
plr_proxy *plr_to_proxy(lua_State *L, int index);
class_info *plr_class_of(plr_vm *vm, const plr_proxy *proxy);
void plr_push_proxy(lua_State *L, plr_vm *vm, plr_ref ref);
int plr_proxy_index(lua_State *L);
int plr_proxy_newindex(lua_State *L);
int plr_proxy_length(lua_State *L);
const member *plr_find_member(const class_info *info, const char *key);
bool plr_is_alive(const plr_vm *vm, const plr_ref *ref);
int plr_fail_removed(lua_State *L, plr_vm *vm, const plr_proxy *proxy, bool writing);
void plr_require_alive(lua_State *L, plr_vm *vm, int index);
/* next(proxy, key): pushes key and value and returns 2, or pushes nil and returns 1. */
int plr_proxy_next(lua_State *L, int proxy, int key);
int plr_push_entities_iterator(lua_State *L, plr_vm *vm, class_info *entities);
void plr_push_proxy_name(lua_State *L, plr_vm *vm, int index);
int plr_entities_index(lua_State *L, plr_vm *vm, class_info *entities, plr_proxy *self);
void plr_push_member_value(lua_State *L, plr_vm *vm, class_info *info, plr_proxy *proxy, const member *m);

/* ---- views of libs' tables */
bool plr_is_view(lua_State *L, int index);
void plr_view_table(lua_State *L, int index); /* pushes it */
int plr_view_next(lua_State *L);
bool plr_is_called_by_lib(lua_State *L, int first_level);
void plr_to_script(lua_State *L); /* the value at the top, in the place of a lib's */
void plr_shared_to_view(lua_State *L); /* the value at the top, if it is the libs' globals */
void plr_open_views(lua_State *L, bool for_libs);
void plr_make_view_metatables(lua_State *L);

/* ---- packing */
bool plr_is_marked_array(lua_State *L, int index);
void plr_pack_value(lua_State *L, plr_vm *vm, int index, byte_buffer *into);
void plr_pack_proxy(lua_State *L, plr_vm *vm, const plr_ref *self, byte_buffer *into);
void plr_push_packed(lua_State *L, plr_vm *vm, const uint8_t *bytes, size_t length);
/* Whether the value is packed when it is given to the host: a table, or the host's own table. */
bool plr_is_packable(lua_State *L, plr_vm *vm, int index);
int plr_base_array(lua_State *L);
int plr_base_copy(lua_State *L);

/* ---- library */
void plr_open_library(lua_State *L);
void plr_open_loops(lua_State *L);
void plr_push_loop(lua_State *L, int index);
const char *plr_to_text(lua_State *L, int index, size_t *length); /* tostring: pushes the string */
int plr_library_error(lua_State *L);
int plr_library_traceback(lua_State *L);
extern const luaL_Reg plr_coroutine_functions[], plr_string_functions[], plr_pattern_functions[], plr_table_functions[],
    plr_base_functions[];
/* The first place of a text in another, NULL if there is none. */
const char *plr_find_plain(lua_State *L, const char *text, size_t length, const char *needle, size_t needed);
int plr_table_sort(lua_State *L);
void plr_open_math(lua_State *L);
void plr_open_os(lua_State *L);
void plr_seed_random(plr_vm *vm, uint64_t seed);
void plr_check_list(lua_State *L, int index);
double plr_list_length(lua_State *L, int index);
void plr_list_get(lua_State *L, int index, double at);
void plr_list_set(lua_State *L, int index, double at);

#pragma GCC visibility pop

#endif
