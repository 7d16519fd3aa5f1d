/* route.c: finds the row of the route table for a method and a path. */
#include "http/route.h"

/* Does one segment of a path fit one of a pattern? Takes what it stands for into the match. */
static bool segment_fits(struct str pattern, struct str segment, struct match *m, int *ids)
{
    char prefix[] = "xxx_";
    if (!pattern.n || pattern.p[0] != ':')
        return str_eq(pattern, segment);
    if (pattern.n != 4) { /* ":name" */
        m->segment = segment;
        return segment.n > 0;
    }
    for (int i = 0; i < 3; i++)
        prefix[i] = pattern.p[i + 1];
    return *ids < REQUEST_IDS && id_parse(segment, str_of(prefix), &m->id[(*ids)++]);
}

static bool path_fits(const char *pattern, struct str path, struct match *m)
{
    struct str left = str_of(pattern);
    int ids = 0;
    while (left.p && path.p) {
        if (!segment_fits(str_cut(&left, '/'), str_cut(&path, '/'), m, &ids))
            return false;
    }
    return !left.p && !path.p;
}

struct match route_find(route_tables tables, enum method method, struct str path, bool versioned)
{
    struct match found = {0};
    enum method wanted = method == HEAD ? GET : method;
    for (; *tables; tables++) {
        for (const struct route *r = *tables; r->method; r++) {
            struct match m = {0};
            if (versioned == !!(r->flags & R_UNVERSIONED) || !path_fits(r->pattern, path, &m))
                continue;
            found.allowed |= r->method | (r->method == GET ? HEAD : 0) | OPTIONS;
            if (r->method != wanted)
                continue;
            m.route = r;
            m.allowed = found.allowed;
            found = m;
        }
    }
    return found;
}

struct str route_allow(struct arena *a, unsigned allowed)
{
    struct str list = {0};
    for (unsigned bit = GET; bit <= OPTIONS; bit <<= 1) {
        if (!(allowed & bit))
            continue;
        list = list.p ? arena_printf(a, "%.*s, %.*s", STR(list), STR(method_name(bit)))
                      : method_name(bit);
    }
    return list;
}
