/* answers.c: a small table of rendered bodies. Headers are the frame's and are never remembered. */
#include "frame/answers.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "http/reply.h"
#include "http/request.h"
#include "shm/generation.h"
#include "shm/owner.h"

enum {
    SLOTS = 256,
    KEY_MAX = 512,
    ETAG_MAX = 64,
    BODY_BYTES = 128 << 10, /* larger answers are not remembered */
    TTL_MS = 2000
};

struct slot {
    struct scope scope;
    struct buf key;  /* path and query */
    struct buf body; /* empty: nothing is remembered */
    struct buf etag;
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
        buf_init(&answers->slots[i].etag, ETAG_MAX);
    }
    return answers;
}

void answers_free(struct answers *answers)
{
    for (int i = 0; answers && i < SLOTS; i++) {
        buf_release(&answers->slots[i].key);
        buf_release(&answers->slots[i].body);
        buf_release(&answers->slots[i].etag);
    }
}

static uint64_t mix(uint64_t h, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
    return h;
}

static struct slot *slot_of(struct answers *answers, const struct ctx *c)
{
    uint64_t h = mix(mix(shm_owner(&c->scope), c->req->route_path), c->req->query_text);
    return &answers->slots[h % SLOTS];
}

static bool is_same(const struct slot *s, const struct ctx *c)
{
    struct str key = buf_str(&s->key), path = c->req->route_path, query = c->req->query_text;
    return s->scope.live == c->scope.live && id_eq(&s->scope.tenant, &c->scope.tenant) &&
           key.n == path.n + 1 + query.n && str_starts(key, path) && key.p[path.n] == '?' &&
           str_ends(key, query);
}

bool answers_find(struct answers *answers, struct ctx *c)
{
    struct slot *s = slot_of(answers, c);
    uint64_t generation;
    int64_t now_ms = clock_ms();
    if (!s->body.n || !is_same(s, c) || now_ms >= s->kept_ms + TTL_MS)
        return false;
    if (!generation_read(answers->shm, &c->scope, now_ms / 1000, &generation) ||
        generation != s->generation)
        return false;
    buf_clear(&c->res->body);
    buf_add(&c->res->body, buf_str(&s->body));
    c->res->etag = s->etag.n ? arena_str(c->arena, buf_str(&s->etag)) : (struct str){0};
    c->res->status = 200;
    return true;
}

bool answers_begin(struct answers *answers, struct ctx *c, uint64_t *generation)
{
    return generation_read(answers->shm, &c->scope, clock_ms() / 1000, generation);
}

void answers_keep(struct answers *answers, struct ctx *c, uint64_t generation)
{
    struct slot *s = slot_of(answers, c);
    uint64_t now;
    buf_clear(&s->body);
    if (!answers_begin(answers, c, &now) || now != generation)
        return;
    buf_clear(&s->key);
    buf_add(&s->key, c->req->route_path);
    buf_char(&s->key, '?');
    buf_add(&s->key, c->req->query_text);
    buf_add(&s->body, buf_str(&c->res->body));
    buf_clear(&s->etag);
    buf_add(&s->etag, c->res->etag);
    if (s->key.full || s->body.full || s->etag.full) {
        buf_clear(&s->body);
        return;
    }
    s->scope = c->scope;
    s->generation = generation;
    s->kept_ms = clock_ms();
}
