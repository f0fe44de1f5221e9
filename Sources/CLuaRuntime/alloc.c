/* The VM's memory: counted to the byte, capped, small blocks from free lists. */

#define _GNU_SOURCE
#include "blocks.h"

/* Of the cap a little is kept for what must not fail, such as what a collection needs. */
enum { RESERVE = 256 };

/* The rest of the cycle under way, one cycle from its begin to its end, and the mark that tells of that end. */
enum { MARKS_OF_ALL = 3 };

void plr_free_slabs(plr_vm *vm) {
    while (vm->slabs) {
        void *slab = vm->slabs;
        memcpy(&vm->slabs, slab, sizeof(void *));
        free(slab);
    }
    free_region(vm);
}

/* ---- large blocks ----
 *
 * What Lua does with a block after it has got it, no hook can interrupt: it fills it, or arranges a table anew. So the
 * pages are fetched here, in pieces between which the time is looked at, and what can't be done in the time that is
 * left is not begun. */

enum { NOTED = 64 << 10, STEPS_PER_CHECK = 1, TEXT_PIECE = 256 << 10, PAGES_PER_CHECK = 64, REHASH_NS = 20, FILLED_PER_NS = 6 };
enum { HUGE = 2 << 20, HUGE_PAGE_NS = 5000000 };

/* Fewer and larger pages: fetching them took nine tenths of the time of a long text. But a virtual machine that gets its
 * memory when it touches it may take milliseconds for one, between which nobody looks at the time. */
static void use_large_pages(const plr_vm *vm, void *block, size_t size) {
    uint64_t limit = atomic_load_explicit(&vm->limit_ns, memory_order_relaxed);
    if (limit != 0 && limit < HUGE_PAGE_NS) return;
    uintptr_t begin = ((uintptr_t)block + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    uintptr_t end = ((uintptr_t)block + size) & ~(uintptr_t)(PAGE - 1);
    if (end > begin + 2 * HUGE) madvise((void *)begin, end - begin, MADV_HUGEPAGE);
}

/* Whether the pages are there; false: the time is over. */
static bool fetch_pages(plr_vm *vm, char *block, size_t size) {
    for (size_t at = 0, page = 0; at < size; at += PAGE, page++) {
        if (page % PAGES_PER_CHECK == 0 && interrupted(vm)) return false;
        *(volatile char *)(block + at) = 0;
    }
    return true;
}

/* Makes a mapped block larger: new pages first, then those of the old block are put in front of them, which copies
 * nothing and can be left undone until then. NULL: no memory, or the time is over, which `late` tells. */
static void *grow_mapped(plr_vm *vm, void *block, size_t old_size, size_t new_size, bool *late) {
    size_t kept = (old_size + PAGE - 1) & ~(size_t)(PAGE - 1);
    size_t whole = (new_size + PAGE - 1) & ~(size_t)(PAGE - 1);
    if (kept == whole) return block;
    char *fresh = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh == MAP_FAILED) return NULL;
    use_large_pages(vm, fresh, new_size);
    *late = vm->lifted == 0 && !fetch_pages(vm, fresh + kept, whole - kept);
    if (*late || mremap(block, kept, kept, MREMAP_MAYMOVE | MREMAP_FIXED, fresh) == MAP_FAILED) {
        munmap(fresh, whole);
        return NULL;
    }
    return fresh;
}

/* The least time that the work takes for which Lua asks for a block like this. A table's nodes have 40 bytes, the
 * table of all texts 8 for each; both have a power of two of them, and half as many things to move. */
static uint64_t work_of_block(size_t size) {
    size_t count = size % 40 == 0 ? size / 40 : size / 8;
    if (count & (count - 1)) return size / FILLED_PER_NS;
    return (uint64_t)count / 2 * REHASH_NS;
}

static bool is_too_late_for(plr_vm *vm, uint64_t work_ns) {
    uint64_t limit = atomic_load_explicit(&vm->limit_ns, memory_order_relaxed);
    if (limit == 0 || work_ns == 0) return false;
    return plr_watchdog_spent(vm) + work_ns > limit;
}

/* Up to where an allocation goes unnoticed: the peak is not raised and the soft limit not reached. */
static void set_unnoticed(plr_vm *vm) {
    uint64_t up_to = vm->peak < vm->soft_limit ? vm->peak : vm->soft_limit;
    atomic_store_explicit(&vm->unnoticed, up_to, memory_order_relaxed);
}

/* How much may be in use before garbage is collected: three quarters of the cap, or half-way between what was alive
 * and the cap; but less when large blocks are in use, because the next one may be twice as large, and a joined text
 * needs it twice. Then garbage fails no script: there is room when the block is asked for. */
static void set_soft_limit(plr_vm *vm) {
    uint64_t limit = vm->limit, alive = vm->alive < limit ? vm->alive : limit;
    uint64_t soft = alive + (limit - alive) / 2;
    if (soft < limit / 4 * 3) soft = limit / 4 * 3;
    uint64_t need = vm->largest > limit / 4 ? limit : vm->largest * 4;
    uint64_t least = alive + (vm->largest / 2 > limit / 64 ? vm->largest / 2 : limit / 64);
    uint64_t most = limit - need > least ? limit - need : least;
    if (soft > limit - RESERVE) soft = limit - RESERVE;
    vm->soft_limit = soft < most ? soft : most;
    set_unnoticed(vm);
}

static void note_large_block(plr_vm *vm, size_t size) {
    vm->largest = size;
    set_soft_limit(vm);
}

/* Lua raises "not enough memory" whenever it is refused, so the kind of the failure is noted here. */
static void *refuse(plr_vm *vm, int kind) {
    if (vm->fatal == 0) {
        vm->fatal = kind;
        if (vm->current) plr_record_fatal(vm, vm->current, kind);
    }
    return NULL;
}

static void *refuse_for_time(plr_vm *vm) {
    return refuse(vm, plr_stop_kind(vm));
}

/* A new block, a large one with its pages. NULL: no memory, or the time is over, which `late` tells. */
static void *take_fetched(plr_vm *vm, size_t size, bool *late) {
    void *block = take(vm, size);
    if (PLR_LIKELY(size < LARGE) || block == NULL) return block;
    use_large_pages(vm, block, size);
    *late = vm->lifted == 0 && !fetch_pages(vm, block, size);
    if (!*late) return block;
    give(vm, block, size);
    return NULL;
}

static __attribute__((noinline)) void *allocate(plr_vm *vm, void *block, size_t old_size, size_t new_size) {
    uint64_t used = vm->used - old_size + new_size;
    if (new_size > old_size) {
#ifdef PLR_HARD_MEMORY
        if (plr_hard_memory_refuses(vm)) return refuse(vm, PLR_ERROR_MEMORY);
#endif
        if (PLR_UNLIKELY(new_size > vm->largest && new_size >= NOTED)) note_large_block(vm, new_size);
        if (PLR_UNLIKELY(used > vm->soft_limit) && vm->lifted == 0) {
            if (used > vm->limit - RESERVE) return refuse(vm, PLR_ERROR_MEMORY);
            if (!vm->collect_wanted && vm->current) {
                vm->collect_wanted = true;
                plr_arm_hook(vm);
            }
        }
        if (interrupted(vm)) {
            if (vm->lifted == 0) return refuse_for_time(vm);
        } else if (PLR_UNLIKELY(atomic_load_explicit(&vm->unnoticed, memory_order_relaxed) == 0)) {
            set_unnoticed(vm); /* an earlier call ended */
        }
        if (PLR_UNLIKELY(new_size >= LARGE) && vm->lifted == 0) {
            uint64_t work = block ? (new_size - old_size) / FILLED_PER_NS : work_of_block(new_size);
            if (is_too_late_for(vm, work)) {
                return refuse(vm, PLR_ERROR_TIME);
            }
        }
        vm->allocated += new_size - old_size;
    }
    void *fresh = NULL;
    bool late = false;
    if (PLR_UNLIKELY(block && is_mapped(old_size) && new_size > old_size)) {
        fresh = grow_mapped(vm, block, old_size, new_size, &late);
    } else if (block == NULL || (new_size >= LARGE && old_size <= new_size / 4) || (is_mapped(new_size) && new_size > old_size)) {
        /* Made anew: the pages can be fetched before the old block is given up. */
        fresh = take_fetched(vm, new_size, &late);
        if (fresh && block) {
            memcpy(fresh, block, old_size);
            give(vm, block, old_size);
        }
    } else {
        fresh = change(vm, block, old_size, new_size);
    }
    if (PLR_UNLIKELY(fresh == NULL)) {
        if (late) return refuse_for_time(vm);
        if (new_size > old_size) return refuse(vm, PLR_ERROR_MEMORY);
        fresh = block; /* Lua does not expect that making a block smaller fails */
    }
    vm->used = used;
    if (used > vm->peak) {
        vm->peak = used;
        set_unnoticed(vm);
    }
    return fresh;
}

/* What Lua calls. Most blocks are small, and one of their size has been given back before. */
void *plr_allocate(void *ud, void *block, size_t old_size, size_t new_size) {
    plr_vm *vm = ud;
    if (new_size == 0) {
        if (block) {
            vm->used -= old_size;
            give(vm, block, old_size);
        }
        return NULL;
    }
    if (block != NULL) return allocate(vm, block, old_size, new_size);
#ifndef PLAIN_MALLOC
    if (PLR_LIKELY(new_size <= LARGEST)) {
        void **list = &vm->free_lists[class_of_size(new_size)];
        void *first = *list;
        uint64_t used = vm->used + new_size;
        if (PLR_LIKELY(first != NULL && used <= atomic_load_explicit(&vm->unnoticed, memory_order_relaxed))) {
            memcpy(list, first, sizeof(void *));
            vm->used = used;
            vm->allocated += new_size;
            return first;
        }
    }
#endif
    return allocate(vm, NULL, 0, new_size);
}

/* To be called when a whole collection is done. */
static void note_collection(plr_vm *vm) {
    vm->collect_wanted = false;
    vm->marks_left = 0;
    vm->alive = vm->used;
    vm->largest /= 2;
    vm->crowded = vm->used > vm->limit / 10 * 9;
    set_soft_limit(vm);
}

/* A full collection. */
void plr_collect_now(lua_State *L, plr_vm *vm) {
    vm->collect_wanted = true;
    vm->lifted++;
    lua_gc(L, LUA_GCCOLLECT, 0);
    vm->lifted--;
    note_collection(vm);
}

/* Lua does not tell when a cycle of its collector ends, and lua_gc(LUA_GCSTEP) may do all of one at once. So a table that
 * nothing refers to stands in a weak table: when it is gone from there, a cycle has marked everything that lives. Then its
 * sweep begins, and a second table that dies tells that it has ended. No finalizer would do: to call it Lua needs a level
 * of C calls and a frame, and where a script has used them up the collector raises an error in the middle of its step. */
void plr_open_collector(lua_State *L) {
    lua_createtable(L, 1, 0);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawseti(L, LUA_REGISTRYINDEX, R_SENTINEL);
}

/* Sees whether the sentinel has died, and makes another one then. */
static void look_at_sentinel(lua_State *L, plr_vm *vm) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, R_SENTINEL);
    lua_rawgeti(L, -1, 1);
    bool lives = !lua_isnil(L, -1);
    lua_pop(L, 1);
    if (!lives || !vm->sentinel) {
        if (vm->sentinel) vm->marks_left--;
        vm->sentinel = false;
        lua_newtable(L);
        lua_rawseti(L, -2, 1);
        vm->sentinel = true;
    }
    lua_pop(L, 1);
}

static void run_cycles(lua_State *L, plr_vm *vm, bool may_end_early) {
    while (vm->marks_left > 0) {
        CHECK_INTERRUPT(L, vm);
        vm->lifted++;
        look_at_sentinel(L, vm);
        for (int i = 0; i < STEPS_PER_CHECK; i++) {
            lua_gc(L, LUA_GCRESTART, 0); /* the next allocation owes a step */
            lua_pushliteral(L, "");
            lua_pop(L, 1);
        }
        vm->lifted--;
        bool is_sweeping = vm->marks_left < MARKS_OF_ALL;
        if (may_end_early && is_sweeping && vm->used < vm->soft_limit / 4 * 3) vm->marks_left = 0;
    }
    note_collection(vm);
}

static void begin_cycles(plr_vm *vm) {
    vm->marks_left = MARKS_OF_ALL;
    vm->sentinel = false; /* the one that is there may have died long ago */
}

/* A full collection in steps of some hundredths of a millisecond, between which the time is looked at. One that is
 * interrupted goes on in the next call. What the cycle that is under way has marked already may be garbage by now, so
 * there is a second one when the first did not free enough. */
void plr_collect_in_steps(lua_State *L, plr_vm *vm) {
    if (vm->marks_left == 0) begin_cycles(vm);
    run_cycles(L, vm, true);
}

/* The same, with the second cycle in any case: what is garbage now is gone afterwards. */
void plr_collect_all(lua_State *L, plr_vm *vm) {
    begin_cycles(vm);
    run_cycles(L, vm, false);
}

void plr_check_room(lua_State *L, plr_vm *vm, uint64_t bytes) {
    uint64_t limit = vm->limit - RESERVE;
    if (PLR_LIKELY(bytes <= 4096 || (bytes <= limit && vm->used <= limit - bytes))) return;
    /* Perhaps it is garbage that fills the VM. */
    if (bytes <= limit) {
        plr_collect_in_steps(L, vm);
        if (vm->used <= limit - bytes) return;
    }
    plr_raise_fatal(L, PLR_ERROR_MEMORY);
}

/* ---- texts put together ----
 *
 * The bytes stand outside of what is counted while they are put together, so that a text can be nearly as long as the
 * cap. An error leaves the buffer to whoever comes next, or to the end of the call. */

char *plr_text_begin(lua_State *L, plr_vm *vm, size_t size) {
    plr_check_room(L, vm, (uint64_t)size + 64);
    plr_text_free(vm);
    char *text = malloc(size);
    if (text == NULL) plr_raise_fatal(L, PLR_ERROR_MEMORY);
    vm->text = text;
    if (size >= LARGE) use_large_pages(vm, text, size);
    return text;
}

void plr_text_copy(lua_State *L, plr_vm *vm, char *to, const char *from, size_t length) {
    for (size_t piece; length > 0; to += piece, from += piece, length -= piece) {
        CHECK_INTERRUPT(L, vm); /* also before a short one: there may be many */
        piece = length < TEXT_PIECE ? length : TEXT_PIECE;
        memcpy(to, from, piece);
    }
}

void plr_text_end(lua_State *L, plr_vm *vm, size_t length) {
    CHECK_INTERRUPT(L, vm);
    lua_pushlstring(L, vm->text, length);
    plr_text_free(vm);
}

void plr_text_free(plr_vm *vm) {
    free(vm->text);
    vm->text = NULL;
}

bool plr_buffer_append(byte_buffer *buffer, const void *bytes, size_t length) {
    if (buffer->capacity - buffer->size < length) {
        size_t capacity = buffer->capacity ? buffer->capacity : 256;
        while (capacity - buffer->size < length) {
            if (capacity > SIZE_MAX / 2) return false;
            capacity *= 2;
        }
        uint8_t *data = realloc(buffer->data, capacity);
        if (data == NULL) return false;
        buffer->data = data;
        buffer->capacity = capacity;
    }
    if (length) memcpy(buffer->data + buffer->size, bytes, length);
    buffer->size += length;
    return true;
}

uint64_t plr_used_bytes(const plr_vm *vm) {
    return vm->used;
}
uint64_t plr_peak_bytes(const plr_vm *vm) {
    return vm->peak;
}
void plr_reset_peak(plr_vm *vm) {
    vm->peak = vm->used;
    set_unnoticed(vm);
}
uint64_t plr_memory_limit(const plr_vm *vm) {
    return vm->limit;
}
uint64_t plr_allocated_bytes(const plr_vm *vm) {
    return vm->allocated;
}

bool plr_is_crowded(const plr_vm *vm) {
    return vm->crowded;
}

void plr_collect(plr_vm *vm) {
    if (vm->depth == 0) plr_collect_now(vm->L, vm);
}

void plr_collect_step(plr_vm *vm) {
    if (vm->depth != 0) return;
    vm->lifted++;
    lua_gc(vm->L, LUA_GCSTEP, 0);
    vm->lifted--;
}
