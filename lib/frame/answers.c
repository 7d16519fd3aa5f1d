/* answers.c: a small table of rendered bodies. Headers are the frame's and are never remembered. */
#include "frame/answers.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "http/reply.h"
#include "http/request.h"
#include "http/route.h"
#include "shm/generation.h"
#include "shm/owner.h"

enum {
    SLOTS = 256,
    KEY_MAX = 512,
    HEADER_MAX = 256,
    BODY_BYTES = 128 << 10, /* larger answers are not remembered */
    TTL_MS = 2000
};

struct slot {
    struct scope scope;
    struct buf key;
    struct buf body; /* empty: nothing is remembered */
    struct buf etag, location;
    int status;
    uint64_t generation;
    int64_t kept_ms;
};

struct answers {
    struct shm *shm;
    struct slot slots[SLOTS];
};

struct answers *answers_new(struct arena *process, struct shm *shm, bool on)
{
    struct answers *answers = on ? ARENA_NEW(process, struct answers) : NULL;
    if (!answers)
        return NULL;
    answers->shm = shm;
    for (int i = 0; i < SLOTS; i++) {
        buf_init(&answers->slots[i].key, KEY_MAX);
        buf_init(&answers->slots[i].body, BODY_BYTES);
        buf_init(&answers->slots[i].etag, HEADER_MAX);
        buf_init(&answers->slots[i].location, HEADER_MAX);
    }
    return answers;
}

void answers_free(struct answers *answers)
{
    for (int i = 0; answers && i < SLOTS; i++) {
        buf_release(&answers->slots[i].key);
        buf_release(&answers->slots[i].body);
        buf_release(&answers->slots[i].etag);
        buf_release(&answers->slots[i].location);
    }
}

static uint64_t mix(uint64_t h, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
    return h;
}

static struct slot *slot_of(struct answers *answers, const struct ctx *c, struct str key)
{
    return &answers->slots[mix(shm_owner(&c->scope), key) % SLOTS];
}

struct str answers_key(const struct ctx *c)
{
    int64_t day = c->route->flags & R_AS_OF ? c->now_ms / DAY_MS : 0;
    return arena_printf(c->arena, "%.*s?%.*s#%lld", STR(c->req->route_path),
                        STR(c->req->query_text), (long long)day);
}

static struct str copy(struct arena *a, const struct buf *text)
{
    return text->n ? arena_str(a, buf_str(text)) : (struct str){0};
}

bool answers_find(struct answers *answers, struct ctx *c, struct str key)
{
    const struct slot *s = slot_of(answers, c, key);
    uint64_t generation;
    int64_t now_ms = clock_ms();
    if (!s->body.n || s->scope.live != c->scope.live ||
        !id_eq(&s->scope.tenant, &c->scope.tenant) || !str_eq(buf_str(&s->key), key) ||
        now_ms >= s->kept_ms + TTL_MS)
        return false;
    if (!generation_read(answers->shm, &c->scope, now_ms / 1000, &generation) ||
        generation != s->generation)
        return false;
    buf_clear(&c->res->body);
    buf_add(&c->res->body, buf_str(&s->body));
    c->res->etag = copy(c->arena, &s->etag);
    c->res->location = copy(c->arena, &s->location);
    c->res->status = s->status;
    return true;
}

bool answers_begin(struct answers *answers, struct ctx *c, uint64_t *generation)
{
    return generation_read(answers->shm, &c->scope, clock_ms() / 1000, generation);
}

/* False if it is too long to be remembered whole. */
static bool set(struct buf *b, struct str text)
{
    buf_clear(b);
    buf_add(b, text);
    return !b->full;
}

void answers_keep(struct answers *answers, struct ctx *c, struct str key, uint64_t generation)
{
    struct slot *s = slot_of(answers, c, key);
    uint64_t now;
    buf_clear(&s->body);
    if (!answers_begin(answers, c, &now) || now != generation)
        return;
    if (!set(&s->key, key) || !set(&s->etag, c->res->etag) ||
        !set(&s->location, c->res->location) || !set(&s->body, buf_str(&c->res->body))) {
        buf_clear(&s->body);
        return;
    }
    s->scope = c->scope;
    s->status = c->res->status;
    s->generation = generation;
    s->kept_ms = clock_ms();
}
