/* audit.c: makes the entries of requests, from the route table and what the request held. How they
 * are kept is store/audit.c's. */
#include "frame/audit.h"

#include "auth/principal.h"
#include "base/log.h"
#include "db/db.h"
#include "db/tx.h"
#include "http/reply.h"
#include "http/route.h"
#include "store/audit.h"

static bool is_write(const struct route *r)
{
    return r->method & (POST | PUT | DELETE);
}

/* The object of the path: the last ":msn" of the pattern. */
static struct str object_of_path(struct ctx *c)
{
    struct str rest = str_of(c->route->pattern), prefix = {0};
    char text[ID_TEXT + 1];
    int n = 0;
    while (rest.p) {
        struct str segment = str_cut(&rest, '/');
        if (segment.n != 4 || segment.p[0] != ':')
            continue;
        prefix = arena_printf(c->arena, "%.*s_", 3, segment.p + 1);
        n++;
    }
    return n ? arena_str(c->arena, id_print(text, prefix, &c->req->id[n - 1])) : prefix;
}

/* The object that was made: the end of its Location. */
static struct str object_of_location(const struct ctx *c)
{
    struct str rest = c->res->location, last = {0};
    while (rest.p)
        last = str_cut(&rest, '/');
    return last.n == ID_TEXT ? last : (struct str){0};
}

static bool names_objects(const struct field *f)
{
    return f->flags & F_REQUIRED &&
           (f->kind == F_ID || (f->kind == F_LIST && f->item->kind == F_ID));
}

/* The field of the body whose id, or ids, the request is about; NULL if there is none. */
static const struct field *field_of_body(const struct ctx *c)
{
    const struct shape *in = c->req->in ? c->route->in : NULL;
    for (size_t i = 0; in && i < in->n; i++) {
        if (names_objects(&in->fields[i]))
            return &in->fields[i];
    }
    return NULL;
}

/* An entry for each of n objects. */
static error write_entries(struct ctx *c, const struct audit *entry, struct str prefix,
                           const struct id *objects, size_t n)
{
    struct audit *entries = arena_array(c->arena, n, sizeof *entries);
    char text[ID_TEXT + 1];
    for (size_t i = 0; i < n; i++) {
        entries[i] = *entry;
        entries[i].object = arena_str(c->arena, id_print(text, prefix, &objects[i]));
    }
    return store_audits_insert(c, entries, n);
}

/* One entry; of a request about several objects, one for each. */
static error write_all(struct ctx *c, const struct audit *entry)
{
    const struct field *f = entry->object.p ? NULL : field_of_body(c);
    const void *at = f ? (const char *)c->req->in + f->at : NULL;
    const struct list *list = at;
    if (!f)
        return store_audit_insert(c, entry);
    if (f->kind == F_ID)
        return write_entries(c, entry, f->prefix, at, 1);
    return write_entries(c, entry, f->item->prefix, list->at, list->n);
}

static struct str first_of(struct str a, struct str b)
{
    return a.p ? a : b;
}

static error record(struct ctx *c, int status)
{
    const struct request *r = c->req;
    struct audit entry = {
        .actor = r->audit.actor,
        .action = route_name(c->arena, c->route),
        .object = first_of(r->audit.object, object_of_location(c)),
        .detail = r->audit.detail,
        .status = status,
        .address = r->client,
        .request_id = c->request_id,
    };
    entry.object = first_of(entry.object, object_of_path(c));
    if (!entry.actor.p && c->who)
        entry.actor = principal_text(c->arena, c->who);
    return write_all(c, &entry);
}

static error record_status(struct ctx *c, void *status)
{
    return record(c, *(const int *)status);
}

/* In a transaction of its own. What has happened cannot be taken back: if the entry cannot be
 * written the log of the program has it. */
static void record_after(struct ctx *c, int status)
{
    error e = in_transaction(c, record_status, &status);
    if (e)
        log_event(c, LOG_LEVEL_ERROR, "audit.lost", L_STR("action", route_name(c->arena, c->route)),
                  L_STR("actor", c->who ? principal_text(c->arena, c->who) : c->req->audit.actor),
                  L_STR("object", object_of_path(c)), L_STR("address", c->req->client),
                  L_INT("status", status), L_STR("cause", e->cause));
}

error audited(struct ctx *c, error (*work)(struct ctx *c, void *arg), void *arg)
{
    error e = work(c, arg);
    if (!is_write(c->route))
        return e;
    if (!(c->route->flags & R_OUTSIDE))
        return e ? e : record(c, c->res->status);
    if (!e || e->status >= 500) /* less: nothing has happened */
        record_after(c, e ? e->status : c->res->status);
    return e;
}

void audit_refusal(struct ctx *c, error e)
{
    bool matters = c->route->flags & R_SIGN_IN || c->req->audit.actor.p;
    bool refused = e && (e->status == 401 || e->status == 403);
    if ((refused && matters) || (e && e->status == 429 && c->req->audit.throttled))
        record_after(c, e->status);
}

error audit_also(struct ctx *c, struct str action, struct str object)
{
    struct audit entry = {
        .actor = principal_text(c->arena, c->who),
        .action = action,
        .object = object,
        .status = c->route->status ? c->route->status : 200,
        .address = c->req->client,
        .request_id = c->request_id,
    };
    return store_audit_insert(c, &entry);
}

void audit_tell(struct ctx *c, struct str actor, struct str object, struct str detail)
{
    struct request *r = c->req;
    r->audit.actor = first_of(actor, r->audit.actor);
    r->audit.object = first_of(object, r->audit.object);
    r->audit.detail = first_of(detail, r->audit.detail);
}
