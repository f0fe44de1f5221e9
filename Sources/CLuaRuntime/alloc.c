/* The VM's memory: counted to the byte, capped, small blocks from free lists. */

#include "internal.h"

#if defined(__SANITIZE_ADDRESS__)
#define PLAIN_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PLAIN_MALLOC 1
#endif
#endif

enum { GRAIN = 16, CLASSES = 16, LARGEST = GRAIN * CLASSES, FIRST_SLAB = 4096, LAST_SLAB = 32768 };

#ifdef PLAIN_MALLOC
static void *take(plr_vm *vm, size_t size) {
    (void)vm;
    return malloc(size);
}
static void give(plr_vm *vm, void *block, size_t size) {
    (void)vm;
    (void)size;
    free(block);
}
static void *change(plr_vm *vm, void *block, size_t old_size, size_t new_size) {
    (void)vm;
    (void)old_size;
    return realloc(block, new_size);
}
#else
static size_t class_of_size(size_t size) {
    return (size - 1) / GRAIN;
}

static void *take(plr_vm *vm, size_t size) {
    if (size > LARGEST) return malloc(size);
    size_t class = class_of_size(size), rounded = (class + 1) * GRAIN;
    void *block = vm->free_lists[class];
    if (PLR_LIKELY(block != NULL)) {
        memcpy(&vm->free_lists[class], block, sizeof(void *));
        return block;
    }
    if ((size_t)(vm->slab_end - vm->slab_next) < rounded) {
        /* What is left of the old slab is a whole number of grains: it joins the list of its size. */
        size_t rest = (size_t)(vm->slab_end - vm->slab_next);
        if (rest >= GRAIN) {
            size_t of_rest = class_of_size(rest);
            memcpy(vm->slab_next, &vm->free_lists[of_rest], sizeof(void *));
            vm->free_lists[of_rest] = vm->slab_next;
        }
        char *slab = malloc(vm->slab_size);
        if (slab == NULL) {
            vm->slab_next = vm->slab_end = NULL;
            return NULL;
        }
        memcpy(slab, &vm->slabs, sizeof(void *));
        vm->slabs = slab;
        vm->slab_next = slab + GRAIN;
        vm->slab_end = slab + vm->slab_size;
        if (vm->slab_size < LAST_SLAB) vm->slab_size *= 2;
    }
    block = vm->slab_next;
    vm->slab_next += rounded;
    return block;
}

static void give(plr_vm *vm, void *block, size_t size) {
    if (size > LARGEST) {
        free(block);
        return;
    }
    size_t class = class_of_size(size);
    memcpy(block, &vm->free_lists[class], sizeof(void *));
    vm->free_lists[class] = block;
}

static void *change(plr_vm *vm, void *block, size_t old_size, size_t new_size) {
    if (old_size > LARGEST && new_size > LARGEST) return realloc(block, new_size);
    if (old_size <= LARGEST && new_size <= LARGEST && class_of_size(old_size) == class_of_size(new_size)) return block;
    void *fresh = take(vm, new_size);
    if (fresh == NULL) return NULL;
    memcpy(fresh, block, old_size < new_size ? old_size : new_size);
    give(vm, block, old_size);
    return fresh;
}
#endif

void plr_free_slabs(plr_vm *vm) {
    while (vm->slabs) {
        void *slab = vm->slabs;
        memcpy(&vm->slabs, slab, sizeof(void *));
        free(slab);
    }
}

/* Lua raises "not enough memory" whenever it is refused, so the kind of the failure is noted here. */
static void *refuse(plr_vm *vm, int kind) {
    if (vm->fatal == 0) {
        vm->fatal = kind;
        if (vm->current) plr_record_fatal(vm, vm->current, kind);
    }
    return NULL;
}

void *plr_allocate(void *ud, void *block, size_t old_size, size_t new_size) {
    plr_vm *vm = ud;
    if (new_size == 0) {
        if (block) {
            vm->used -= old_size;
            give(vm, block, old_size);
        }
        return NULL;
    }
    if (block == NULL) old_size = 0;
    uint64_t used = vm->used - old_size + new_size;
    if (new_size > old_size) {
        if (PLR_UNLIKELY(used > vm->soft_limit) && vm->lifted == 0) {
            if (used > vm->limit) return refuse(vm, PLR_ERROR_MEMORY);
            if (!vm->collect_wanted && vm->current) {
                vm->collect_wanted = true;
                plr_lock_spin(vm);
                plr_arm_hook(vm);
                plr_unlock_spin(vm);
            }
        }
        if (interrupted(vm) && vm->lifted == 0) {
            bool stopping = atomic_load_explicit(&vm->control->stopping, memory_order_relaxed);
            return refuse(vm, stopping ? PLR_ERROR_STOPPED : PLR_ERROR_TIME);
        }
        vm->allocated += new_size - old_size;
    }
    void *fresh = block ? change(vm, block, old_size, new_size) : take(vm, new_size);
    if (PLR_UNLIKELY(fresh == NULL)) {
        if (new_size > old_size) return refuse(vm, PLR_ERROR_MEMORY);
        fresh = block; /* Lua does not expect that making a block smaller fails */
    }
    vm->used = used;
    if (used > vm->peak) vm->peak = used;
    return fresh;
}

/* A full collection; then the soft limit is half-way between what is alive and the cap, at least at 3/4 of the cap. */
void plr_collect_now(lua_State *L, plr_vm *vm) {
    vm->collect_wanted = true;
    vm->lifted++;
    lua_gc(L, LUA_GCCOLLECT, 0);
    vm->lifted--;
    vm->collect_wanted = false;
    uint64_t low = vm->limit / 4 * 3;
    uint64_t middle = vm->used < vm->limit ? vm->used + (vm->limit - vm->used) / 2 : vm->limit;
    vm->soft_limit = middle > low ? middle : low;
}

void plr_check_room(lua_State *L, plr_vm *vm, uint64_t bytes) {
    if (PLR_LIKELY(bytes <= 4096 || (bytes <= vm->limit && vm->used <= vm->limit - bytes))) return;
    /* Perhaps it is garbage that fills the VM. */
    if (bytes <= vm->limit) {
        plr_collect_now(L, vm);
        if (vm->used <= vm->limit - bytes) return;
    }
    plr_raise_fatal(L, PLR_ERROR_MEMORY);
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
}
uint64_t plr_memory_limit(const plr_vm *vm) {
    return vm->limit;
}
uint64_t plr_allocated_bytes(const plr_vm *vm) {
    return vm->allocated;
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
