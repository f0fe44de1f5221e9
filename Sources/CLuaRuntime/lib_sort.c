/* table.sort: a quicksort that compares in the order of Lua 5.1's, so that equal elements come out in the same places
 * and the same comparators are found inconsistent. */

#include "internal.h"

#include <limits.h>

typedef struct {
    lua_State *L;
    plr_vm *vm;
    bool compares; /* argument 2 is a comparator */
} sorter;

/* Compares two stack positions. */
static bool less(sorter *t, int a, int b) {
    lua_State *L = t->L;
    CHECK_INTERRUPT(L, t->vm);
    if (!t->compares) return lua_lessthan(L, a, b);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, a - 1);
    lua_pushvalue(L, b - 2);
    lua_call(L, 2, 1);
    bool result = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return result;
}

/* Stores the two values at the top: the topmost at `i`, the one below at `j`. */
static void store(sorter *t, double i, double j) {
    plr_list_set(t->L, 1, i);
    plr_list_set(t->L, 1, j);
}

/* Puts elements a and b in order. */
static void order(sorter *t, double a, double b) {
    plr_list_get(t->L, 1, a);
    plr_list_get(t->L, 1, b);
    if (less(t, -1, -2)) store(t, a, b);
    else lua_pop(t->L, 2);
}

static void swap(sorter *t, double a, double b) {
    plr_list_get(t->L, 1, a);
    plr_list_get(t->L, 1, b);
    store(t, a, b);
}

static void sort(sorter *t, double low, double high) {
    lua_State *L = t->L;
    while (low < high) {
        order(t, low, high);
        if (high - low == 1) return;
        double middle = (double)(int64_t)((low + high) / 2);
        plr_list_get(L, 1, middle);
        plr_list_get(L, 1, low);
        if (less(t, -2, -1)) {
            store(t, middle, low);
        } else {
            lua_pop(L, 1);
            plr_list_get(L, 1, high);
            if (less(t, -1, -2)) store(t, middle, high);
            else lua_pop(L, 2);
        }
        if (high - low == 2) return;
        plr_list_get(L, 1, middle);
        lua_pushvalue(L, -1); /* the pivot stays on the stack */
        plr_list_get(L, 1, high - 1);
        store(t, middle, high - 1);
        /* low <= pivot == high - 1 <= high, so both scans meet an end, unless the comparator contradicts itself. */
        double i = low, j = high - 1;
        for (;;) {
            while (plr_list_get(L, 1, ++i), less(t, -1, -2)) {
                if (i > high) luaL_error(L, "invalid order function for sorting");
                lua_pop(L, 1);
            }
            while (plr_list_get(L, 1, --j), less(t, -3, -1)) {
                if (j < low) luaL_error(L, "invalid order function for sorting");
                lua_pop(L, 1);
            }
            if (j < i) {
                lua_pop(L, 3); /* the pivot and both elements */
                break;
            }
            store(t, i, j);
        }
        swap(t, high - 1, i);
        /* The smaller part by recursion: the depth stays below log2 of the length. */
        double from, to;
        if (i - low < high - i) {
            from = low;
            to = i - 1;
            low = i + 1;
        } else {
            from = i + 1;
            to = high;
            high = i - 1;
        }
        luaL_checkstack(L, 12, "sort");
        sort(t, from, to);
    }
}

int plr_table_sort(lua_State *L) {
    sorter t = {.L = L, .vm = vm_of(L)};
    plr_check_values(L, 1);
    double length = plr_list_length(L, 1);
    if (!(length < INT_MAX)) length = INT_MAX; /* the index of an element is a C int */
    luaL_checkstack(L, 40, "");
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    t.compares = !lua_isnil(L, 2);
    sort(&t, 1, length);
    return 0;
}
