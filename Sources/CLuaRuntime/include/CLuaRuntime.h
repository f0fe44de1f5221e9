#ifndef PERIGEE_LUA_RUNTIME_H
#define PERIGEE_LUA_RUNTIME_H

/*
 * A Lua 5.1 virtual machine behind plain C values.
 *
 * The rule of this library: a Lua error is a longjmp and must never cross a frame of the host. So the host sees no Lua
 * type. Every function below either cannot raise, or enters Lua through a protected call and returns a status. When Lua
 * calls the host, the dispatcher gets its arguments as values and reports a failure by plr_fail(); the error is raised
 * after the dispatcher has returned.
 *
 * Threads: one VM belongs to one thread at a time. Only the plr_control functions may be called from another thread.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

typedef struct plr_vm plr_vm;
typedef struct plr_control plr_control;

/* ---- values ---------------------------------------------------------------------------------------------------- */

/* A handle to something that the host owns. `cls` is the class given to plr_class_define; for a class that lives in the
 * store, `slot` and `generation` name the row. The host may use the other fields as it likes. Two refs with equal bytes
 * name the same object. */
typedef struct {
    uint16_t cls;
    uint16_t aux16;
    uint32_t slot;
    uint32_t generation;
    uint32_t aux;
} plr_ref;

enum {
    PLR_NIL = 0,
    PLR_BOOL = 1, /* number is 0 or 1 */
    PLR_NUMBER = 2,
    PLR_STRING = 3,  /* bytes, length */
    PLR_TABLE = 4,   /* bytes, length: one packed value, see below */
    PLR_REF = 5,     /* ref; bytes, length: as an argument, the key of its entity if that is known */
    PLR_OTHER = 6,   /* a function, or a coroutine (number is 1): the host can only reject it */
    PLR_FUNCTION = 7 /* from the host only: a host function, as plr_set_function makes it; number is its `member` */
};

typedef struct {
    int32_t type;
    uint32_t length;
    double number;
    const uint8_t *bytes;
    plr_ref ref;
} plr_value;

/* A packed value is one tag byte and its payload, little-endian, nested values following each other:
 *   nil, false, true   nothing
 *   number             8 bytes, IEEE 754
 *   string             u32 length, bytes
 *   array              u32 count, that many values
 *   object             u32 count, that many pairs of key (a string or a number) and value
 *   reference          16 bytes, a plr_ref; in what the host gives, and of MOVABLE classes in what is assigned
 * An empty Lua table packs as an object, unless it was marked with array(). */
enum {
    PLR_PACK_NIL = 0,
    PLR_PACK_FALSE = 1,
    PLR_PACK_TRUE = 2,
    PLR_PACK_NUMBER = 3,
    PLR_PACK_STRING = 4,
    PLR_PACK_ARRAY = 5,
    PLR_PACK_OBJECT = 6,
    PLR_PACK_REFERENCE = 7
};
enum { PLR_PACK_DEPTH = 64 };

/* ---- the host's dispatcher ------------------------------------------------------------------------------------- */

enum {
    PLR_OP_GET = 1,         /* self.member -> value */
    PLR_OP_SET = 2,         /* self.member = args[0] */
    PLR_OP_CALL = 3,        /* self.member(args...) */
    PLR_OP_INDEX = 4,       /* self[args[0]] -> value */
    PLR_OP_NEWINDEX = 5,    /* self[args[0]] = args[1] */
    PLR_OP_LENGTH = 6,      /* #self -> number */
    PLR_OP_NEXT = 7,        /* next(self, args[0]) -> key, value; no results at the end */
    PLR_OP_TOSTRING = 8,    /* name of self, for example players_24 -> string */
    PLR_OP_PACK = 9,        /* self as packed bytes -> packed value */
    PLR_OP_UNKNOWN = 10,    /* args[0] is not a member of self: the host fails with a message (or answers) */
    PLR_OP_REMOVED = 11,    /* self's row was removed, its name is not known: the host fails with a message */
    PLR_OP_UNDECLARED = 12, /* column `member` is not declared for self's kind: the host fails with a message */
    PLR_OP_TRIGGER = 13,    /* column `member` of self changed from args[0] to args[1] */
    PLR_OP_GLOBAL = 14,     /* host function `member`(args...) */
    PLR_OP_PRINT = 15,      /* args[0] is a line for the log */
    PLR_OP_ERROR_LOG = 16,  /* error(): args[0] the message with its position, args[1] the traceback */
    PLR_OP_CLOCK = 17       /* os.clock() -> number; only after plr_use_host_clock */
};

enum { PLR_MAX_ARGUMENTS = 16, PLR_MAX_RESULTS = 4 };

/* The argument of the dispatcher. It lives on the caller's C frame, so it is valid until the dispatcher returns. */
typedef struct plr_call {
    plr_vm *vm;
    int32_t op;
    uint32_t member;
    plr_ref self;
    bool writing;  /* PLR_OP_UNKNOWN, PLR_OP_UNDECLARED, PLR_OP_REMOVED: the script assigned (args[1]) */
    bool failed;   /* set by plr_fail */
    bool buffered; /* the result buffer is in use */
    int32_t argument_count;
    int32_t result_count;
    const plr_value *arguments;
    plr_value results[PLR_MAX_RESULTS]; /* bytes: offsets into the result buffer, set by plr_return_* only */
    uint32_t buffer_index;
    void *state; /* for plr_call_position */
} plr_call;

/* The host's dispatcher. It reports a failure by plr_fail() and must not keep `call`. It may enter the VM, but not
 * while it answers PLR_OP_TOSTRING or PLR_OP_PACK: then entries fail and the plr_bind functions do nothing. */
typedef void (*plr_dispatch)(void *context, plr_call *call);

void plr_return_nil(plr_call *call);
void plr_return_bool(plr_call *call, bool value);
void plr_return_number(plr_call *call, double value);
void plr_return_ref(plr_call *call, plr_ref value);
/* These two copy the bytes before they return. */
void plr_return_string(plr_call *call, const void *bytes, size_t length);
void plr_return_packed(plr_call *call, const void *bytes, size_t length);
/* Sets the message that is raised, prefixed with the script's position, when the dispatcher returns. */
void plr_fail(plr_call *call, const void *bytes, size_t length);
/* Whether the script must end after this call: its time is over, or the VM is stopped. A dispatcher whose work takes
 * long should ask this now and then, and stop early. */
bool plr_call_must_end(const plr_call *call);
/* Returns the line of the script that made this call, or 0 if it is not known, and writes the script's name: at most
 * `size` bytes with the terminating 0. Raises nothing. */
int32_t plr_call_position(const plr_call *call, char *script, size_t size);

/* ---- a VM's life ----------------------------------------------------------------------------------------------- */

typedef struct {
    uint64_t memory_limit; /* bytes */
    uint64_t seed;         /* of math.random */
    uint32_t max_source_bytes;
    uint32_t max_packed_bytes; /* of one packed value */
    plr_dispatch dispatch;     /* NULL: every request to the host fails */
    void *context;
} plr_options;

enum {
    PLR_OK = 0,
    PLR_ERROR_SYNTAX = 1,
    PLR_ERROR_RUNTIME = 2,
    PLR_ERROR_TIME = 3,
    PLR_ERROR_MEMORY = 4,
    PLR_ERROR_STOPPED = 5
};

/* NULL when there is no memory for it. */
plr_vm *plr_vm_new(const plr_options *options);
void plr_vm_free(plr_vm *vm);
/* Replaces `context`, the first argument of the dispatcher. */
void plr_vm_set_context(plr_vm *vm, void *context);

/* Describes the failure of the last entry that failed. Strings are valid until the next entry. */
typedef struct {
    const char *message;
    size_t message_length;
    const char *file;
    size_t file_length;
    int32_t line; /* 0: not known */
    const char *traceback;
    size_t traceback_length;
    bool logged; /* raised by error(): PLR_OP_ERROR_LOG has reported it already */
} plr_error_info;
plr_error_info plr_last_error(const plr_vm *vm);

uint64_t plr_used_bytes(const plr_vm *vm);
uint64_t plr_peak_bytes(const plr_vm *vm);
void plr_reset_peak(plr_vm *vm);
uint64_t plr_memory_limit(const plr_vm *vm);
/* Total bytes allocated since the VM was made; the difference over a call is what the call allocated. */
uint64_t plr_allocated_bytes(const plr_vm *vm);
/* Whether the last full collection left more than nine tenths of the limit in use. */
bool plr_is_nearly_full(const plr_vm *vm);
void plr_collect(plr_vm *vm);
/* One step of the incremental collector. */
void plr_collect_step(plr_vm *vm);
/* Wall time in nanoseconds of the last outermost call that ran while measuring was enabled; 0 if none did. */
void plr_measure(plr_vm *vm, bool enabled);
uint64_t plr_last_call_ns(const plr_vm *vm);
bool plr_in_call(const plr_vm *vm);
/* Sets the Unix time in seconds that os.time() and os.date() use as the current time; NaN: the machine's clock. */
void plr_set_time(plr_vm *vm, double time);
/* While set, os.clock() asks the host by PLR_OP_CLOCK. */
void plr_use_host_clock(plr_vm *vm, bool enabled);

/* A control stops its VM from any thread. It may outlive the VM: it is freed when the last holder has released it. */
plr_control *plr_vm_control(plr_vm *vm);
void plr_control_retain(plr_control *control);
void plr_control_release(plr_control *control);
/* Ends the running script, if any, and refuses every later one. Can't be caught by the script, and can't be undone. */
void plr_control_stop(plr_control *control);

/* ---- environments, functions, globals --------------------------------------------------------------------------- */

/* Ids are small positive numbers; 0 means failure. Libs run in PLR_ENV_SHARED. Every environment made later gets a copy
 * of PLR_ENV_BASE. */
enum { PLR_ENV_BASE = 1, PLR_ENV_SHARED = 2 };
typedef struct {
    uint32_t index;
    uint32_t serial;
} plr_handle;

int32_t plr_env_new(plr_vm *vm, plr_handle *result);
void plr_env_release(plr_vm *vm, plr_handle env);
/* Makes an environment in which libs can run and that no script sees yet. */
int32_t plr_env_new_shared(plr_vm *vm, plr_handle *result);
/* Puts such an environment in the place of the shared one, also for environments that exist, and releases its handle;
 * on failure all is as before. What libs of the former one defined goes on working where something refers to it. */
int32_t plr_env_adopt_shared(plr_vm *vm, plr_handle env);
plr_handle plr_env_shared(const plr_vm *vm);
plr_handle plr_env_base(const plr_vm *vm);

int32_t plr_compile(plr_vm *vm, plr_handle env, const void *source, size_t length, const char *name, uint64_t limit_ns,
                    plr_handle *result);
void plr_function_release(plr_vm *vm, plr_handle function);
uint32_t plr_live_functions(const plr_vm *vm);
uint32_t plr_live_environments(const plr_vm *vm);

/* An interned name of a global; lasts as long as the VM. 0: no memory. */
uint32_t plr_name(plr_vm *vm, const void *bytes, size_t length);

int32_t plr_set_global(plr_vm *vm, plr_handle env, uint32_t name, const plr_value *value);
/* Reads a global without metamethods. The value's bytes are valid until the next entry. */
int32_t plr_get_global(plr_vm *vm, plr_handle env, uint32_t name, plr_value *value);
/* Registers a host function: a call of it reaches the dispatcher as PLR_OP_GLOBAL with `member`. */
int32_t plr_set_function(plr_vm *vm, plr_handle env, uint32_t name, uint32_t member);

/* Set a global for the next plr_call_function of this VM, in the environment of its function, just before it runs. */
void plr_bind(plr_vm *vm, uint32_t name, const plr_value *value);
void plr_bind_ref(plr_vm *vm, uint32_t name, plr_ref ref);
void plr_bind_number(plr_vm *vm, uint32_t name, double value);
void plr_bind_nil(plr_vm *vm, uint32_t name);
/* A host function, as plr_set_function makes it. */
void plr_bind_function(plr_vm *vm, uint32_t name, uint32_t member);
/* Copies the bytes. type: PLR_STRING or PLR_TABLE. */
void plr_bind_bytes(plr_vm *vm, uint32_t name, int32_t type, const void *bytes, size_t length);

/* Runs a compiled chunk. `limit_ns` is CPU time of this thread, 0 for no limit; a nested call shares the outer limit.
 * The first returned value goes to `result` (may be NULL); its bytes are valid until the next entry. */
int32_t plr_call_function(plr_vm *vm, plr_handle function, uint64_t limit_ns, plr_value *result);

/* As plr_call_function, but gives every returned value, at most 250. `result` is a packed array with two entries for
 * each value: its text as tostring gives it, and the value itself if it is a boolean, a finite number or a string, else
 * nil. Fails inside of another call. */
int32_t plr_call_returning_all(plr_vm *vm, plr_handle function, uint64_t limit_ns, plr_value *result);

/* ---- sampling: where scripts spend their time -------------------------------------------------------------------- */

/* Starts to record the stack after every `interval_ns` of CPU time of running scripts, and forgets earlier samples; 0
 * stops. */
void plr_sample(plr_vm *vm, uint64_t interval_ns);
/* The number of slots in the table of samples, and the sample in one slot; false if the slot is empty. A stack lists
 * its frames, the outermost first, separated by ';', each as file:function:line. Samples for which the table has no
 * room are counted under "(lost)". */
uint32_t plr_sample_slots(const plr_vm *vm);
bool plr_sample_at(const plr_vm *vm, uint32_t slot, const char **stack, uint64_t *count);

/* ---- classes ---------------------------------------------------------------------------------------------------- */

enum {
    PLR_MEMBER_COLUMN = 1,   /* index: the store's column */
    PLR_MEMBER_PROPERTY = 2, /* index: the host's id */
    PLR_MEMBER_METHOD = 3,   /* index: the host's id; minimum: arguments it needs */
    PLR_MEMBER_SUBPROXY = 4  /* index: class id; same slot and generation */
};
enum {
    PLR_MEMBER_WRITABLE = 1,
    PLR_MEMBER_HIDDEN = 2, /* not listed by pairs and keys */
    /* The host gets `minimum` arguments, then the reason, then the other arguments. One of the first `minimum`
     * arguments that can't cross to the host is replaced by nil, and the reason says why; the reason is nil if all of
     * them can cross. */
    PLR_MEMBER_LENIENT = 4
};

typedef struct {
    const char *name;
    uint32_t kind;
    uint32_t index;
    uint32_t minimum;
    uint32_t flags;
} plr_member;

enum {
    PLR_CLASS_LIVE = 1,      /* slot and generation name a row of the store; using a dead one is an error */
    PLR_CLASS_ENTITY = 2,    /* LIVE, cached by slot, its TOSTRING gives its key */
    PLR_CLASS_BY_SLOT = 4,   /* LIVE, one proxy a row (aux and aux16 are 0), cached by slot */
    PLR_CLASS_DYNAMIC = 8,   /* keys that are no member go to the host as INDEX and NEWINDEX */
    PLR_CLASS_ENTITIES = 16, /* the collection of entities: keys are entity keys, `related` is their class */
    PLR_CLASS_PACKS = 32,    /* counts as a table in packing and copy(): the host answers PACK */
    /* PACKS: SET and NEWINDEX give the host the object itself, also inside a table, so that the host may move it. */
    PLR_CLASS_MOVABLE = 64
};

/* Defines class `id` (1...255), or replaces its members: existing proxies see the new ones. */
int32_t plr_class_define(plr_vm *vm, uint16_t id, const char *name, uint32_t flags, uint16_t related,
                         const plr_member *members, size_t count);

/* Lists the objects of a class that is not BY_SLOT to which scripts, or garbage that is not collected yet, refer.
 * Writes at most `capacity` of them to `refs`, and their total number to `count`. May be called from inside the
 * dispatcher. */
int32_t plr_held(plr_vm *vm, uint16_t cls, plr_ref *refs, uint32_t capacity, uint32_t *count);
/* Collects everything that is garbage now; may be called from inside the dispatcher. Its time counts towards the limit
 * of the running call. If that limit is reached, the status is PLR_ERROR_TIME (or STOPPED) and some garbage is left. */
int32_t plr_collect_inside(plr_vm *vm);

/* ---- the store: the host's columns, read and written without asking it ------------------------------------------ */

enum { PLR_STORE_NIL_STRING = 0xFFFFFFFF };

typedef struct {
    const uint8_t *bytes; /* NULL: not in use; `flags` is 0 then */
    uint32_t length;
    uint32_t flags; /* see plr_column.accepted */
} plr_string_entry;

/* What the host's values weigh, in bytes. A write of a text adds to `total`, unless all would be above `limit`: then it
 * goes to the host. */
typedef struct {
    int64_t total, kept, limit;
} plr_weight;

enum {
    PLR_STORAGE_DOUBLE = 0,
    PLR_STORAGE_STRING = 1,
    PLR_STORAGE_HOST = 2,   /* reads and writes go to the host */
    PLR_STORAGE_BOOLEAN = 3 /* as PLR_STORAGE_DOUBLE; scripts see 0 as false and any other number as true */
};
enum {
    PLR_COLUMN_READONLY = 1,
    PLR_COLUMN_TRIGGER = 2,      /* a write of a different value calls the host with PLR_OP_TRIGGER */
    PLR_COLUMN_ALWAYS_DIRTY = 4, /* a write of an equal value counts as a change */
    PLR_COLUMN_MOVES = 8,        /* a change puts the row on the moved list */
    PLR_COLUMN_NULLABLE = 16
};

typedef struct {
    void *data; /* double[] (NaN is nil), also for booleans, or uint32_t[] (string ids) */
    uint8_t storage;
    uint8_t flags;
    uint8_t kinds; /* one bit for each kind of row that has this column */
    /* For string ids: a text whose entry has one of these flags is one that the host takes for this column; a write of
     * such a text need not ask the host. 0: every write does. */
    uint8_t accepted;
    uint32_t dirty_bit;
    uint32_t id; /* passed as `member` with GET, SET, TRIGGER and UNDECLARED */
} plr_column;

typedef struct {
    uint32_t capacity;          /* rows */
    const uint32_t *generation; /* odd: alive. A ref is alive while its generation equals the row's */
    const uint8_t *kind;        /* 0...3 */
    uint32_t column_count;
    plr_column *columns;
    uint64_t *dirty; /* [slot * dirty_words + bit / 64] */
    uint32_t dirty_words;
    uint8_t *dirty_flag;  /* per row: is it on the list? */
    uint32_t *dirty_list; /* room for capacity rows */
    uint32_t *dirty_count;
    uint8_t *moved_flag;
    uint32_t *moved_list;
    uint32_t *moved_count;
    const plr_string_entry *strings;
    uint32_t string_count;
    /* NULL: every write of a text asks the host. Else how often each string is used, which a write counts; the last use
     * of a string is never given up without asking the host. */
    int64_t *string_uses;
    plr_weight *weight;
} plr_store;

/* The VM keeps the pointer and reads through it: the host updates the struct when its storage moves. */
void plr_set_store(plr_vm *vm, plr_store *store);
/* While set, every write through a proxy fails with this message. NULL allows writing. The bytes are copied. */
void plr_set_read_only(plr_vm *vm, const void *message, size_t length);

#endif
