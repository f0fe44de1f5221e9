/* Where scripts spend their time. The sampler (sampler.c) asks for samples; the watchdog's signal handler then arms the
 * hook, and the hook writes the stack as text and counts it. Nothing here asks Lua for memory, and nothing runs while
 * sampling is off. */

#include "internal.h"

#include <stdio.h>

enum { MAX_STACKS = 4096, MAX_LEVELS = 64, MAX_STACK_TEXT = 4096, MAX_FRAME_TEXT = 160 };

/* Writes a frame as file:function:line, with '_' for characters that separate frames and counts. Returns the length; 0
 * for the entry from the host. */
static size_t write_frame(char *buffer, lua_State *L, lua_Debug *ar) {
    lua_getinfo(L, "Snl", ar);
    bool is_c = *ar->what == 'C';
    const char *file = is_c ? "[C]" : *ar->source == '@' || *ar->source == '=' ? ar->source + 1 : ar->short_src;
    const char *name = ar->name && *ar->name ? ar->name : *ar->what == 'm' ? "main" : NULL;
    int length;
    if (is_c && name == NULL) return 0;
    if (*ar->what == 't') length = snprintf(buffer, MAX_FRAME_TEXT, "(tail calls)");
    else if (is_c) length = snprintf(buffer, MAX_FRAME_TEXT, "[C]:%.60s", name);
    else if (name) length = snprintf(buffer, MAX_FRAME_TEXT, "%.80s:%.60s:%d", file, name, ar->currentline);
    else length = snprintf(buffer, MAX_FRAME_TEXT, "%.80s:<%d>:%d", file, ar->linedefined, ar->currentline);
    size_t size = length < 0 ? 0 : length < MAX_FRAME_TEXT ? (size_t)length : MAX_FRAME_TEXT - 1;
    for (size_t i = 0; i < size; i++) {
        if (buffer[i] == ';' || (unsigned char)buffer[i] < ' ') buffer[i] = '_';
    }
    return size;
}

/* Lua counts levels from the innermost frame; the text begins with the outermost, so it is filled from its end. */
static char *write_stack(char *text, lua_State *L, const resumer *by) {
    char *begin = text + MAX_STACK_TEXT - 1;
    *begin = '\0';
    for (int levels = 0; L; L = by ? by->L : NULL, by = by ? by->outer : NULL) {
        lua_Debug ar;
        for (int level = 0; lua_getstack(L, level, &ar); level++) {
            char frame[MAX_FRAME_TEXT];
            if (++levels > MAX_LEVELS || begin - text <= MAX_FRAME_TEXT + 1) return begin;
            size_t size = write_frame(frame, L, &ar);
            if (size == 0) continue;
            if (*begin != '\0') *--begin = ';';
            begin -= size;
            memcpy(begin, frame, size);
        }
    }
    return begin;
}

static uint32_t hash_of(const char *text) {
    uint32_t hash = 2166136261u;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

static sample_entry *slot_for(sampling_state *state, const char *stack) {
    uint32_t at = hash_of(stack) & (state->capacity - 1);
    while (state->entries[at].stack && strcmp(state->entries[at].stack, stack) != 0) {
        at = (at + 1) & (state->capacity - 1);
    }
    return &state->entries[at];
}

bool plr_accept_wanted_samples(plr_vm *vm) {
    sampling_state *state = &vm->sampling;
    uint64_t wanted = atomic_exchange_explicit(&state->wanted, 0, memory_order_acquire);
    uint64_t sequence = call_sequence(&vm->watchdog);
    if (wanted == 0 || atomic_load_explicit(&state->wanted_sequence, memory_order_relaxed) != sequence) return false;
    if (atomic_load_explicit(&state->due_sequence, memory_order_relaxed) != sequence) {
        atomic_store_explicit(&state->due, 0, memory_order_relaxed);
        atomic_store_explicit(&state->due_sequence, sequence, memory_order_relaxed);
    }
    atomic_fetch_add_explicit(&state->due, wanted, memory_order_relaxed);
    return true;
}

void plr_take_sample(lua_State *L, plr_vm *vm) {
    sampling_state *state = &vm->sampling;
    uint64_t sequence = call_sequence(&vm->watchdog);
    uint64_t due_sequence = atomic_load_explicit(&state->due_sequence, memory_order_relaxed);
    uint64_t count = atomic_exchange_explicit(&state->due, 0, memory_order_relaxed);
    /* A hook that was armed at the end of a call fires at the start of the next call: the time was not spent there. */
    if (due_sequence != sequence || count == 0 || state->entries == NULL) return;
    char text[MAX_STACK_TEXT];
    const char *stack = write_stack(text, L, innermost_resumer(&vm->coroutines));
    sample_entry *entry = slot_for(state, stack);
    if (entry->stack == NULL) {
        if (state->used < MAX_STACKS) entry->stack = strdup(stack);
        if (entry->stack == NULL) {
            state->lost += count;
            return;
        }
        state->used++;
    }
    entry->count += count;
}

void plr_free_samples(sampling_state *state) {
    for (uint32_t i = 0; i < state->capacity; i++) free(state->entries[i].stack);
    free(state->entries);
    state->entries = NULL;
    state->used = state->capacity = 0;
    state->lost = 0;
}

void plr_sample(plr_vm *vm, uint64_t interval_ns) {
    plr_sampler_set(vm, 0);
    if (interval_ns == 0) return;
    plr_free_samples(&vm->sampling);
    vm->sampling.entries = calloc(2 * MAX_STACKS, sizeof *vm->sampling.entries);
    if (vm->sampling.entries == NULL) return;
    vm->sampling.capacity = 2 * MAX_STACKS;
    plr_sampler_set(vm, interval_ns);
}

uint32_t plr_sample_slots(const plr_vm *vm) {
    return vm->sampling.capacity + 1;
}

bool plr_sample_at(const plr_vm *vm, uint32_t slot, const char **stack, uint64_t *count) {
    const sampling_state *state = &vm->sampling;
    if (slot == state->capacity) {
        *stack = "(lost)";
        *count = state->lost;
        return state->lost > 0;
    }
    if (slot > state->capacity || state->entries[slot].stack == NULL) return false;
    *stack = state->entries[slot].stack;
    *count = state->entries[slot].count;
    return true;
}
