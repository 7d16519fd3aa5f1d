/* ledger.c: the file of what the sandbox was sent, and its index in memory. Knows lines and locks;
 * what a post means is decided elsewhere. */
#include "sandbox/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "json/write.h"

enum {
    CHUNK = 256 << 10, /* read at once; longer than any line */
    LINE_MAX_BYTES = LEDGER_POST_MAX + 1024,
    MEMORY_MAX = 256 << 20,
    SCRATCH_MAX = 32 << 20,
    LOOKED_AT_MAX = 1 << 20, /* bytes of the posts that are kept as parsed */
    FIRST_CAPACITY = 256,
    REOPENINGS = 5,
    TRIALS_MAX = 1024 /* texts that are counted; then the oldest are forgotten */
};

struct ledger {
    struct arena *arena;     /* everything that lives as long as the ledger */
    struct arena *scratch;   /* the line at hand, and errors */
    struct arena *looked_at; /* posts as parsed, for ledger_look() */
    size_t looked_at_bytes;
    unsigned looks; /* one more each time that they are forgotten */
    const char *path;
    int64_t max_bytes;
    int fd;      /* -1: not open */
    int64_t end; /* of the last whole line that was read */
    char *chunk;
    struct buf line; /* to be appended */
    struct ledger_post *posts;
    size_t count, capacity;
    struct trial *trials; /* the last one is the newest */
    size_t trials_count;
    struct ledger_call *calls; /* a ring, likewise */
    size_t calls_count;
};

/* How often a text was tried. */
struct trial {
    int64_t key, times;
};

static const struct error full = {
    .code = ERR_UNAVAILABLE,
    .status = 507,
    .wire = S("insufficient_storage"),
    .message = S("The sandbox's ledger is full: remove the file to begin anew."),
};

struct ledger *ledger_open(struct str path, int64_t max_bytes)
{
    struct arena *a = arena_new(MEMORY_MAX);
    struct ledger *l = ARENA_NEW(a, struct ledger);
    l->arena = a;
    l->scratch = arena_new(SCRATCH_MAX);
    l->looked_at = arena_new(SCRATCH_MAX);
    l->looks = 1;
    l->path = arena_cstr(a, path);
    l->max_bytes = max_bytes;
    l->fd = -1;
    l->chunk = arena_alloc(a, CHUNK);
    l->trials = arena_array(a, TRIALS_MAX, sizeof *l->trials);
    l->calls = arena_array(a, LEDGER_CALLS_MAX, sizeof *l->calls);
    buf_init(&l->line, LINE_MAX_BYTES);
    return l;
}

static void close_file(struct ledger *l)
{
    if (l->fd >= 0)
        (void)close(l->fd); /* every write was checked when it was made */
    l->fd = -1;
    l->end = 0;
    l->count = 0;
    l->trials_count = 0;
    l->calls_count = 0;
}

void ledger_close(struct ledger *l)
{
    close_file(l);
    buf_release(&l->line);
    arena_free(l->scratch);
    arena_free(l->looked_at);
    arena_free(l->arena);
}

static error broken(struct ledger *l, const char *what)
{
    return error_because(l->scratch, ERR_UNAVAILABLE, "ledger %s: %s: %s", l->path, what,
                         strerror(errno));
}

/* Is the open file still the one at the path, and at least as long as what was read of it? */
static bool is_current(const struct ledger *l)
{
    struct stat held, named;
    return l->fd >= 0 && fstat(l->fd, &held) == 0 && stat(l->path, &named) == 0 &&
           held.st_dev == named.st_dev && held.st_ino == named.st_ino && held.st_size >= l->end;
}

static error open_file(struct ledger *l)
{
    if (is_current(l))
        return NULL;
    close_file(l);
    l->fd = open(l->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return l->fd >= 0 ? NULL : broken(l, "open");
}

/* The lock belongs to the file, not to its name: it counts only if both are still the same. */
static error lock(struct ledger *l)
{
    for (int i = 0; i < REOPENINGS; i++) {
        TRY(open_file(l));
        while (flock(l->fd, LOCK_EX) != 0) {
            if (errno != EINTR)
                return broken(l, "lock");
        }
        if (is_current(l))
            return NULL;
        close_file(l);
    }
    return broken(l, "it is being replaced");
}

static void unlock(struct ledger *l)
{
    if (l->fd >= 0)
        (void)flock(l->fd, LOCK_UN); /* cannot fail on a descriptor that holds the lock */
}

static struct ledger_post *find(const struct ledger *l, int64_t id)
{
    size_t low = 0, high = l->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->posts[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < l->count && l->posts[low].id == id ? &l->posts[low] : NULL;
}

static struct ledger_post *add(struct ledger *l)
{
    if (l->count == l->capacity) {
        size_t capacity = l->capacity ? 2 * l->capacity : FIRST_CAPACITY;
        struct ledger_post *posts = arena_array(l->arena, capacity, sizeof *posts);
        if (l->count)
            memcpy(posts, l->posts, l->count * sizeof *posts);
        l->posts = posts;
        l->capacity = capacity;
    }
    return &l->posts[l->count++];
}

static struct trial *find_trial(const struct ledger *l, int64_t key)
{
    for (size_t i = 0; i < l->trials_count && i < TRIALS_MAX; i++) {
        if (l->trials[i].key == key)
            return &l->trials[i];
    }
    return NULL;
}

static void count_trial(struct ledger *l, int64_t key)
{
    struct trial *t = find_trial(l, key);
    if (!t) {
        t = &l->trials[l->trials_count++ % TRIALS_MAX];
        *t = (struct trial){.key = key};
    }
    t->times++;
}

static void take_call(struct ledger *l, const struct node *line)
{
    struct ledger_call *call = &l->calls[l->calls_count++ % LEDGER_CALLS_MAX];
    struct str request = str_sub(tree_text(tree_get(line, "request")), 0, LEDGER_REQUEST_MAX);
    *call = (struct ledger_call){
        .question = tree_int(tree_get(line, "question"), 0),
        .tokens_in = tree_int(tree_get(line, "tokens_in"), 0),
        .tokens_out = tree_int(tree_get(line, "tokens_out"), 0),
        .at_ms = tree_int(tree_get(line, "at_ms"), 0),
    };
    if (request.n)
        memcpy(call->request, request.p, request.n);
}

/* A line puts a post, for the first time or again, or deletes it, or notes a trial or a call. What
 * is deleted stays so. */
static void take_line(struct ledger *l, struct str text, int64_t at)
{
    const struct node *line = tree_parse(l->scratch, text);
    int64_t id = tree_int(tree_get(line, "id"), 0);
    struct ledger_post *post = find(l, id);
    if (str_eq(tree_text(tree_get(line, "op")), S("try"))) {
        count_trial(l, tree_int(tree_get(line, "key"), 0));
        return;
    }
    if (str_eq(tree_text(tree_get(line, "op")), S("call"))) {
        take_call(l, line);
        return;
    }
    if (post && str_eq(tree_text(tree_get(line, "op")), S("delete"))) {
        post->deleted = true;
        return;
    }
    int64_t last = l->count ? l->posts[l->count - 1].id : 0;
    if (!tree_is_object(tree_get(line, "post")) || (!post && id <= last) || (post && post->deleted))
        return;
    if (!post)
        post = add(l);
    *post = (struct ledger_post){
        .account = tree_int(tree_get(line, "account"), 0),
        .brand = tree_int(tree_get(line, "brand"), 0),
        .id = id,
        .created_ms = tree_int(tree_get(line, "created_ms"), 0),
        .publish_ms = tree_int(tree_get(line, "publish_ms"), 0),
        .networks = tree_int(tree_get(line, "networks"), 0),
        .at = at,
        .length = text.n,
    };
}

/* Takes the whole lines of what was read, and returns how many bytes they had. */
static size_t take_lines(struct ledger *l, struct str read)
{
    size_t done = 0;
    for (;;) {
        const char *line = read.p + done;
        const char *end = memchr(line, '\n', read.n - done);
        if (!end)
            return done;
        size_t n = (size_t)(end - line);
        arena_reset(l->scratch);
        take_line(l, (struct str){line, n}, l->end + (int64_t)done);
        done += n + 1;
    }
}

error ledger_catch_up(struct ledger *l)
{
    arena_reset(l->scratch);
    TRY(open_file(l));
    for (;;) {
        ssize_t n = pread(l->fd, l->chunk, CHUNK, l->end);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return broken(l, "read");
        size_t taken = take_lines(l, (struct str){l->chunk, (size_t)n});
        l->end += (int64_t)taken;
        if (taken == 0 && n == CHUNK)
            return error_because(l->scratch, ERR_UNAVAILABLE, "ledger %s: no line ends after %lld",
                                 l->path, (long long)l->end);
        if (taken == 0)
            return NULL;
    }
}

/* Writes l->line behind the last whole line. Called under the lock, so what follows that line was
 * left by a writer that died. */
static error append(struct ledger *l)
{
    struct str line = buf_str(&l->line);
    struct stat file;
    if (l->line.full)
        return error_of(ERR_PAYLOAD_TOO_LARGE);
    if (l->end + (int64_t)line.n > l->max_bytes)
        return &full;
    if (fstat(l->fd, &file) != 0 || (file.st_size != l->end && ftruncate(l->fd, l->end) != 0))
        return broken(l, "repair");
    ssize_t n = write(l->fd, line.p, line.n);
    if (n == (ssize_t)line.n)
        return ledger_catch_up(l);
    error e = broken(l, "write");
    if (ftruncate(l->fd, l->end) != 0)
        return broken(l, "take back half a line");
    return e;
}

static void write_line(struct ledger *l, const struct ledger_post *post, struct str json)
{
    struct writer w;
    buf_clear(&l->line);
    write_init(&w, &l->line);
    write_open(&w, '{');
    write_member_text(&w, S("op"), json.p ? S("put") : S("delete"));
    write_member_int(&w, S("id"), post->id);
    if (json.p) {
        write_member_int(&w, S("account"), post->account);
        write_member_int(&w, S("brand"), post->brand);
        write_member_int(&w, S("created_ms"), post->created_ms);
        write_member_int(&w, S("publish_ms"), post->publish_ms);
        write_member_int(&w, S("networks"), post->networks);
        write_member_raw(&w, S("post"), json);
    }
    write_close(&w, '}');
    buf_char(&l->line, '\n');
}

/* Under the lock: gives a new post its id, looks whether an old one is still there. */
static error change(struct ledger *l, struct ledger_post *post, struct str json)
{
    TRY(ledger_catch_up(l));
    if (!post->id)
        post->id = l->count ? l->posts[l->count - 1].id + 1 : LEDGER_FIRST_ID;
    else if (!find(l, post->id) || find(l, post->id)->deleted)
        return error_of(ERR_NOT_FOUND);
    write_line(l, post, json);
    return append(l);
}

static error change_locked(struct ledger *l, struct ledger_post *post, struct str json)
{
    TRY(lock(l));
    error e = change(l, post, json);
    unlock(l);
    return e;
}

error ledger_add(struct ledger *l, struct ledger_post *post, struct str json)
{
    post->id = 0;
    return change_locked(l, post, json);
}

error ledger_replace(struct ledger *l, const struct ledger_post *post, struct str json)
{
    struct ledger_post copy = *post;
    return change_locked(l, &copy, json);
}

error ledger_delete(struct ledger *l, int64_t id)
{
    struct ledger_post post = {.id = id};
    return change_locked(l, &post, (struct str){0});
}

static error note_trial(struct ledger *l, int64_t key, int64_t *before)
{
    struct writer w;
    const struct trial *t;
    TRY(ledger_catch_up(l));
    t = find_trial(l, key);
    *before = t ? t->times : 0;
    buf_clear(&l->line);
    write_init(&w, &l->line);
    write_open(&w, '{');
    write_member_text(&w, S("op"), S("try"));
    write_member_int(&w, S("key"), key);
    write_close(&w, '}');
    buf_char(&l->line, '\n');
    return append(l);
}

/* A number that follows from the text. */
static int64_t number_of(struct str text)
{
    enum { BYTES = 6 }; /* 48 bits: exact in every JSON number */
    unsigned char hash[SHA256_LEN];
    int64_t n = 0;
    crypto_sha256(text, hash);
    for (int i = 0; i < BYTES; i++)
        n = n << 8 | hash[i];
    return n;
}

error ledger_try(struct ledger *l, int64_t account, struct str text, int64_t *before)
{
    error e;
    TRY(lock(l));
    e = note_trial(l, number_of(text) ^ account, before);
    unlock(l);
    return e;
}

static error note_call(struct ledger *l, struct str request, struct str question,
                       const struct ledger_call *call)
{
    struct writer w;
    TRY(ledger_catch_up(l));
    buf_clear(&l->line);
    write_init(&w, &l->line);
    write_open(&w, '{');
    write_member_text(&w, S("op"), S("call"));
    write_member_text(&w, S("request"), request);
    write_member_int(&w, S("question"), number_of(question));
    write_member_int(&w, S("tokens_in"), call->tokens_in);
    write_member_int(&w, S("tokens_out"), call->tokens_out);
    write_member_int(&w, S("at_ms"), call->at_ms);
    write_close(&w, '}');
    buf_char(&l->line, '\n');
    return append(l);
}

error ledger_add_call(struct ledger *l, struct str request, struct str question,
                      const struct ledger_call *call)
{
    error e;
    TRY(lock(l));
    e = note_call(l, request, question, call);
    unlock(l);
    return e;
}

size_t ledger_calls(const struct ledger *l)
{
    return l->calls_count < LEDGER_CALLS_MAX ? l->calls_count : LEDGER_CALLS_MAX;
}

const struct ledger_call *ledger_call_at(const struct ledger *l, size_t i)
{
    return &l->calls[(l->calls_count - ledger_calls(l) + i) % LEDGER_CALLS_MAX];
}

size_t ledger_count(const struct ledger *l)
{
    return l->count;
}

const struct ledger_post *ledger_at(const struct ledger *l, size_t i)
{
    return &l->posts[i];
}

const struct ledger_post *ledger_find(const struct ledger *l, int64_t id)
{
    return find(l, id);
}

error ledger_read(struct ledger *l, struct arena *a, const struct ledger_post *post,
                  const struct node **json)
{
    char *line = arena_alloc(a, post->length + 1);
    ssize_t n = pread(l->fd, line, post->length, post->at);
    *json = NULL;
    if (n == (ssize_t)post->length)
        *json = tree_get(tree_parse(a, (struct str){line, post->length}), "post");
    return *json ? NULL : broken(l, "read a post");
}

error ledger_look(struct ledger *l, const struct ledger_post *post, const struct node **json)
{
    struct ledger_post *own = find(l, post->id);
    if (own->look != l->looks) {
        l->looked_at_bytes += own->length;
        if (l->looked_at_bytes > LOOKED_AT_MAX) {
            arena_reset(l->looked_at);
            l->looked_at_bytes = own->length;
            l->looks++;
        }
        TRY(ledger_read(l, l->looked_at, own, &own->json));
        own->look = l->looks;
    }
    *json = own->json;
    return NULL;
}
