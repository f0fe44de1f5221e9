/* The VM's memory: what Lua calls for every block, its limit, and when a collection is due. */

#include "internal.h"

/* Bytes of the limit that are kept for allocations that must not fail, such as those of a collection. */
enum { RESERVE = 256 };

/* Blocks of at least this many bytes affect the soft limit. */
enum { LARGE_BLOCK_BYTES = 64 << 10 };

void plr_open_memory(memory_state *memory, uint64_t limit) {
    memory->limit = limit;
    memory->soft_limit = limit / 4 * 3;
}

static void set_unchecked(memory_state *memory) {
    uint64_t up_to = memory->peak < memory->soft_limit ? memory->peak : memory->soft_limit;
    atomic_store_explicit(&memory->unchecked_up_to, up_to, memory_order_relaxed);
}

/* Sets how much may be in use before garbage is collected: three quarters of the limit, or half-way between what was
 * alive and the limit if that is more. It is less when large blocks are in use, because the next block may be twice as
 * large, and joining a text needs such a block twice. So there is room when the block is asked for, and no script fails
 * because of garbage. */
static void set_soft_limit(memory_state *memory) {
    uint64_t limit = memory->limit, largest = memory->largest_block;
    uint64_t alive = memory->used_after_collection < limit ? memory->used_after_collection : limit;
    uint64_t soft = alive + (limit - alive) / 2;
    if (soft < limit / 4 * 3) soft = limit / 4 * 3;
    uint64_t need = largest > limit / 4 ? limit : largest * 4;
    uint64_t least = alive + (largest / 2 > limit / 64 ? largest / 2 : limit / 64);
    uint64_t most = limit - need > least ? limit - need : least;
    if (soft > limit - RESERVE) soft = limit - RESERVE;
    memory->soft_limit = soft < most ? soft : most;
    set_unchecked(memory);
}

static void note_large_block(memory_state *memory, size_t size) {
    memory->largest_block = size;
    set_soft_limit(memory);
}

void plr_note_use_after_collection(memory_state *memory) {
    memory->used_after_collection = memory->used;
    memory->largest_block /= 2;
    memory->nearly_full = memory->used > memory->limit / 10 * 9;
    set_soft_limit(memory);
}

/* Lua raises "not enough memory" whenever a block is refused, so the real reason is recorded here. */
static void *refuse(plr_vm *vm, int kind) {
    plr_note_fatal(vm, running_coroutine(&vm->coroutines), kind);
    return NULL;
}

static void *refuse_for_time(plr_vm *vm) {
    return refuse(vm, plr_stop_kind(vm->control));
}

/* Allocates a new block, and fetches the pages of a large one. NULL: there is no memory, or, when `late` is set, the
 * time is over. */
static void *take_fetched(plr_vm *vm, size_t size, bool *late) {
    void *block = take_block(&vm->blocks, size);
    if (PLR_LIKELY(size < LARGE) || block == NULL) return block;
    plr_use_large_pages(vm, block, size);
    *late = !limits_are_lifted(&vm->memory) && !plr_fetch_pages(vm, block, size);
    if (!*late) return block;
    free_block(&vm->blocks, block, size);
    return NULL;
}

static __attribute__((noinline)) void *allocate(plr_vm *vm, void *block, size_t old_size, size_t new_size) {
    memory_state *memory = &vm->memory;
    uint64_t used = memory->used - old_size + new_size;
    if (new_size > old_size) {
        bool limited = memory->limits_lifted == 0;
#ifdef PLR_HARD_MEMORY
        if (plr_hard_memory_refuses(vm)) return refuse(vm, PLR_ERROR_MEMORY);
#endif
        if (PLR_UNLIKELY(new_size > memory->largest_block && new_size >= LARGE_BLOCK_BYTES))
            note_large_block(memory, new_size);
        if (PLR_UNLIKELY(used > memory->soft_limit) && limited) {
            if (used > memory->limit - RESERVE) return refuse(vm, PLR_ERROR_MEMORY);
            plr_request_collection(vm);
        }
        if (is_interrupted(&vm->watchdog)) {
            if (limited) return refuse_for_time(vm);
        } else if (PLR_UNLIKELY(atomic_load_explicit(&memory->unchecked_up_to, memory_order_relaxed) == 0)) {
            set_unchecked(memory); /* the 0 was for an earlier call, which has ended */
        }
        if (PLR_UNLIKELY(new_size >= LARGE) && limited && plr_is_too_late_for_block(vm, old_size, new_size)) {
            return refuse(vm, PLR_ERROR_TIME);
        }
        memory->allocated += new_size - old_size;
    }
    void *fresh = NULL;
    bool late = false;
    if (PLR_UNLIKELY(block && is_mapped(old_size) && new_size > old_size)) {
        fresh = plr_grow_mapped(vm, block, old_size, new_size, &late);
    } else if (block == NULL || (new_size >= LARGE && old_size <= new_size / 4)
               || (is_mapped(new_size) && new_size > old_size)) {
        /* A new block, so that its pages can be fetched before the old block is freed. */
        fresh = take_fetched(vm, new_size, &late);
        if (fresh && block) {
            memcpy(fresh, block, old_size);
            free_block(&vm->blocks, block, old_size);
        }
    } else {
        fresh = change_block(&vm->blocks, block, old_size, new_size);
    }
    if (PLR_UNLIKELY(fresh == NULL)) {
        if (late) return refuse_for_time(vm);
        if (new_size > old_size) return refuse(vm, PLR_ERROR_MEMORY);
        fresh = block; /* Lua does not expect that making a block smaller fails */
    }
    memory->used = used;
    if (used > memory->peak) {
        memory->peak = used;
        set_unchecked(memory);
    }
    return fresh;
}

/* The fast path is for most blocks: they are small, and a freed block of their size is available. */
void *plr_allocate(void *ud, void *block, size_t old_size, size_t new_size) {
    plr_vm *vm = ud;
    if (new_size == 0) {
        if (block) {
            vm->memory.used -= old_size;
            free_block(&vm->blocks, block, old_size);
        }
        return NULL;
    }
    if (block != NULL) return allocate(vm, block, old_size, new_size);
    if (PLR_LIKELY(has_free_block(&vm->blocks, new_size))) {
        memory_state *memory = &vm->memory;
        uint64_t used = memory->used + new_size;
        if (PLR_LIKELY(used <= atomic_load_explicit(&memory->unchecked_up_to, memory_order_relaxed))) {
            memory->used = used;
            memory->allocated += new_size;
            return take_free_block(&vm->blocks, new_size);
        }
    }
    return allocate(vm, NULL, 0, new_size);
}

void plr_check_room(lua_State *L, plr_vm *vm, uint64_t bytes) {
    memory_state *memory = &vm->memory;
    uint64_t limit = memory->limit - RESERVE;
    if (PLR_LIKELY(bytes <= 4096 || (bytes <= limit && memory->used <= limit - bytes))) return;
    /* Perhaps garbage fills the VM. */
    if (bytes <= limit) {
        plr_collect_in_steps(L, vm);
        if (memory->used <= limit - bytes) return;
    }
    plr_raise_fatal(L, PLR_ERROR_MEMORY);
}

uint64_t plr_used_bytes(const plr_vm *vm) {
    return vm->memory.used;
}
uint64_t plr_peak_bytes(const plr_vm *vm) {
    return vm->memory.peak;
}
void plr_reset_peak(plr_vm *vm) {
    vm->memory.peak = vm->memory.used;
    set_unchecked(&vm->memory);
}
uint64_t plr_memory_limit(const plr_vm *vm) {
    return vm->memory.limit;
}
uint64_t plr_allocated_bytes(const plr_vm *vm) {
    return vm->memory.allocated;
}
bool plr_is_nearly_full(const plr_vm *vm) {
    return vm->memory.nearly_full;
}
