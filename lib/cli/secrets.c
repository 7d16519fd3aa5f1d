/* secrets.c: seals what is stored anew after [secrets] key has changed, while the service runs. */
#include "cli/command.h"

#include "base/seal.h"
#include "store/sealed.h"

/* Room for a batch of store/sealed.h, each value sealed, open and sealed anew. */
#define BATCH_BYTES ((size_t)1 << 30)

struct rotation {
    struct ctx *c;
    const struct sealed_kind *kind;
    uint64_t sealed, unreadable; /* values of this kind so far */
};

/* One value: conditionally, so that what the service changes meanwhile stays as it has made it. */
static error seal_anew(struct rotation *r, const struct sealed *old, bool *opened)
{
    struct ctx *c = r->c;
    struct str plain = {0}, fresh = {0}, context = r->kind->context(c->arena, old);
    uint64_t changed = 0;
    *opened = unseal(c->arena, c->config, context, old->text, &plain);
    if (!*opened)
        return NULL;
    TRY(seal(c->arena, c->config, context, plain, &fresh));
    TRY(r->kind->put(c, old, fresh, &changed));
    r->sealed += changed;
    return NULL;
}

/* What is done is not found again; what cannot be opened is stepped over. */
static error rotate_some(struct rotation *r, int64_t key_id, uint64_t *unreadable, bool *more)
{
    struct list some = {0};
    bool opened = false;
    TRY(store_sealed_next(r->c, r->kind, key_id, (int64_t)*unreadable, &some));
    for (size_t i = 0; i < some.n; i++) {
        TRY(seal_anew(r, (const struct sealed *)some.at + i, &opened));
        *unreadable += !opened;
    }
    *more = some.n > 0;
    return NULL;
}

/* The same with an arena of its own, so that it does not matter how many there are. */
static error rotate_batch(struct rotation *r, int64_t key_id, uint64_t *unreadable, bool *more)
{
    struct arena *outer = r->c->arena, *batch = arena_new(BATCH_BYTES);
    error e;
    *more = false;
    r->c->arena = batch;
    e = rotate_some(r, key_id, unreadable, more);
    r->c->arena = outer;
    if (e && e->cause.p) /* its words lie in the batch */
        e = error_because(outer, e->code, "%.*s", STR(e->cause));
    else if (e)
        e = error_of(e->code);
    arena_free(batch);
    return e;
}

/* All values of a kind, one old key after the other. */
static error rotate_kind(struct rotation *r)
{
    int64_t key_id;
    for (size_t i = 0; (key_id = seal_old_key(r->c->config, i)) != 0; i++) {
        uint64_t unreadable = 0;
        bool more = true;
        while (more)
            TRY(rotate_batch(r, key_id, &unreadable, &more));
        r->unreadable += unreadable;
    }
    return NULL;
}

static void print(struct call *call, const struct rotation *r)
{
    buf_printf(call->out,
               call->json ? "{\"kind\":\"%s\",\"sealed\":%llu,\"unreadable\":%llu}\n"
                          : "%s: %llu sealed anew, %llu cannot be opened\n",
               r->kind->name, (unsigned long long)r->sealed, (unsigned long long)r->unreadable);
}

static bool number_twice(const struct config *config)
{
    int64_t key_id;
    for (size_t i = 0; (key_id = seal_old_key(config, i)) != 0; i++) {
        if (key_id == config->secret_key_id)
            return true;
    }
    return false;
}

static int rotate(struct call *call)
{
    const struct config *config = call->app->config;
    uint64_t unreadable = 0;
    error e;
    if (!seal_possible(config))
        return complain(call, "[secrets] key is not set.");
    if (number_twice(config))
        return complain(call, "[secrets] key_id is the number of an old key; count it up.");
    e = change(call, NULL, NULL, (struct str){0}); /* first: that it was begun is never lost */
    for (size_t k = 0; !e && k < sealed_kinds_count; k++) {
        struct rotation r = {.c = call->ctx, .kind = &sealed_kinds[k]};
        e = rotate_kind(&r);
        print(call, &r);
        unreadable += r.unreadable;
    }
    if (e)
        return complain_of(call, e);
    return unreadable ? complain(call, "What cannot be opened was left as it is: sealed with"
                                       " another key than the one of its number, or damaged.")
                      : 0;
}

const struct command secrets_commands[] = {
    {.words = "secrets rotate",
     .run = rotate,
     .needs = C_CONFIG | C_DATABASE,
     .doc = "Seal what [secrets] old_keys have sealed anew with [secrets] key, while serving."},
    {0},
};
