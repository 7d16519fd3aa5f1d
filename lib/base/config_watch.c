/* config_watch.c: takes the keys of secrets from a file of settings that has changed. How it is
 * read is config.c's. */
#include <string.h>
#include <sys/stat.h>

#include "base/config.h"

enum { LOOK_EVERY_MS = 1000, SCRATCH_BYTES = 1 << 20 };

/* Another one for another file, and for the same one with another content. */
static uint64_t mark_of(struct config_watch *w)
{
    struct stat s;
    if (!w->path.p || stat(w->path.p, &s) != 0) /* followed by nobody, or gone */
        return 0;
    return (uint64_t)s.st_mtim.tv_sec * 1000000007 + (uint64_t)s.st_mtim.tv_nsec * 31 +
           (uint64_t)s.st_size * 7 + (uint64_t)s.st_ino;
}

void config_watch(struct config_watch *w, struct arena *arena, struct str path,
                  struct config *config)
{
    *w = (struct config_watch){
        .arena = arena,
        .path = arena_printf(arena, "%.*s", STR(path)),
        .config = config,
    };
    w->mark = mark_of(w);
}

static bool same(const struct config *a, const struct config *b)
{
    return a->secret_key_id == b->secret_key_id && str_eq(a->secret_key, b->secret_key) &&
           str_eq(a->old_keys, b->old_keys);
}

static bool take(struct config_watch *w, const struct config *fresh)
{
    if (!fresh->secret_key.p || same(fresh, w->config))
        return false;
    w->config->secret_key = arena_str(w->arena, fresh->secret_key);
    w->config->secret_key_id = fresh->secret_key_id;
    w->config->old_keys =
        fresh->old_keys.p ? arena_str(w->arena, fresh->old_keys) : (struct str){0};
    return true;
}

bool config_watch_look(struct config_watch *w, int64_t now_ms)
{
    struct arena *scratch;
    struct config fresh;
    struct str problems;
    uint64_t mark;
    bool taken;
    if (now_ms < w->looked_ms + LOOK_EVERY_MS && now_ms >= w->looked_ms)
        return false;
    w->looked_ms = now_ms;
    mark = mark_of(w);
    if (!mark || mark == w->mark)
        return false;
    w->mark = mark;
    scratch = arena_new(SCRATCH_BYTES);
    taken = config_load(scratch, w->path, &fresh, &problems) && take(w, &fresh);
    arena_free(scratch);
    return taken;
}
