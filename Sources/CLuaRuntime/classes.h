#ifndef PERIGEE_LUA_RUNTIME_CLASSES_H
#define PERIGEE_LUA_RUNTIME_CLASSES_H

/* Classes of the host's objects and their members. */

#include "base.h"

enum { CLASS_COUNT = 256, MAX_LOOPS = 4 };

typedef struct {
    const char *key; /* address of the interned string: equal strings have the same address */
    uint32_t kind;
    uint32_t index;
    uint32_t minimum;
    uint32_t flags;
} class_member;

typedef struct {
    uint16_t id;
    uint16_t related;
    uint32_t flags;
    char name[32];
    class_member *members;
    uint32_t member_count;
    uint32_t *buckets; /* open addressing over the keys' addresses: position in members + 1 */
    uint32_t bucket_mask;
    int metatable; /* registry references */
    int anchors;   /* keeps the members' names alive */
    int cache;     /* BY_SLOT: array by slot; else weak table by the ref's bytes */
    int keys;      /* ENTITY: key strings by slot, valid if the cached proxy's generation is the row's */
    int by_key;    /* ENTITY: key -> proxy, weak values */
    uint64_t loops[MAX_LOOPS], loop_clock; /* ENTITIES: when each loop by next() made its last step; 0: ended */
} class_info;

typedef struct {
    class_info *by_id[CLASS_COUNT]; /* NULL: not defined */
} class_table;

static inline class_info *class_with_id(const class_table *classes, uint16_t id) {
    return id < CLASS_COUNT ? classes->by_id[id] : NULL;
}

#pragma GCC visibility push(hidden)
const class_member *plr_find_member(const class_info *info, const char *key);
void plr_free_classes(class_table *classes);
#pragma GCC visibility pop

#endif
