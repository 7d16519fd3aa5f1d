/* fallback.c: who writes what: goes through the writers in their order, asks for several texts at a
 * time, tries again where that is safe, lets a broken writer be, and has what cannot be used
 * written anew, by the next one if it must be. What a call may cost is set aside in the budget
 * before it is made, and settled after it.
 *
 * A call that was answered with an error was not charged, and one that was never sent neither:
 * these are tried again. One whose answer was lost may have been: it is not repeated with the same
 * provider, and stays in the books at its most. */
#include <time.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/utf8.h"
#include "llm/wire.h"

enum {
    WRITINGS = 3,        /* the first, and twice anew */
    TRIES = 3,           /* of one call */
    BACKOFF_MS = 500,    /* doubled each time; half of it is left to chance */
    PATIENCE_MS = 10000, /* longer than that nobody is waited for */
    PAUSE_MAX_MS = 3600 * 1000,
    OVERCHARGED_MS = 24 * 3600 * 1000,
    PERCENT = 100,
    DEAR_MAX = 1000000000,
    BODY_MAX = 256 << 10,
    ANSWER_MAX = 256 << 10,
    TEMPLATE_TOKENS = 256, /* that a provider may add around what it is sent */
    TOKENS_MAX = 1000000000
};

/* A text on its way. */
struct task {
    const struct prompt *prompt;
    struct draft *draft;
    struct str problem;  /* of the last writing; none: not written yet */
    int writings, tries; /* by the writer whose turn it is */
    int refusals;        /* writers that were asked as often as may be, and gave no usable text */
    bool left;           /* by the writer whose turn it is: one of those */
    bool done;
    struct llm_call call; /* the one under way */
    struct str body;
};

/* A batch. */
struct fallback {
    struct llm *llm;
    struct outside *o;
    struct task *tasks;
    size_t n;
    int writers; /* that have had their turn */
    struct llm_health health;
    struct str why; /* the last reason that a provider was left */
    bool broke;     /* of the mission: nothing more is asked */
    bool unwanted;  /* nothing more is asked, and what is open is left open */
    int64_t wait_ms;
};

struct str llm_order(const struct config *config, bool live)
{
    return live ? config->llm_order : config->sandbox_llm_order;
}

/* Test mode talks to the sandbox, never to a real provider; live mode never to the sandbox. */
static bool find_provider(struct outside *o, struct str name, struct provider *out)
{
    const struct config *k = o->config;
    bool openai = str_eq(name, S("openai"));
    *out = (struct provider){
        .wire = openai ? &wire_openai : &wire_anthropic,
        .set = openai ? k->openai : k->anthropic,
    };
    if (!price_parse(out->set.price_in, &out->price_in) ||
        !price_parse(out->set.price_out, &out->price_out))
        return false;
    if (o->live)
        return out->set.url.n > 0;
    out->set.url = arena_printf(o->arena, "%.*s/llm/v1", STR(k->sandbox_url));
    out->set.key = k->sandbox_token.n ? k->sandbox_token : S("sandbox_llm");
    out->set.model = S("sandbox");
    return k->sandbox_url.n > 0;
}

/* ---- what a call costs ---- */

/* Microcents for these tokens, rounded up. */
static int64_t cost_of(const struct provider *p, int64_t in, int64_t out)
{
    __int128 sum = (__int128)in * p->price_in + (__int128)out * p->price_out;
    return (int64_t)((sum + 999999) / 1000000);
}

/* A token is at least a byte of what is sent, so there are never more tokens than bytes. */
static int64_t agreed_of(const struct provider *p, struct str body)
{
    return cost_of(p, (int64_t)body.n + TEMPLATE_TOKENS, p->set.max_tokens);
}

/* The same for a model that has charged more than that. */
static int64_t most_of(const struct fallback *d, const struct provider *p, struct str body)
{
    __int128 most = (__int128)agreed_of(p, body) * d->health.dear / PERCENT;
    return most < INT64_MAX / 4 ? (int64_t)most : INT64_MAX / 4;
}

/* What the provider says that it took; if it does not, the most. */
static void charge(const struct provider *p, struct llm_call *call, const struct reply *said)
{
    bool told = said->tokens_in >= 0 && said->tokens_out >= 0 && said->tokens_in <= TOKENS_MAX &&
                said->tokens_out <= TOKENS_MAX;
    call->tokens_in = told ? said->tokens_in : 0;
    call->tokens_out = told ? said->tokens_out : 0;
    call->microcents = told ? cost_of(p, said->tokens_in, said->tokens_out) : call->most;
}

/* ---- asking ---- */

/* The same question for the same text has the same key, at whatever time of its day it is to appear
 * by now. */
static struct str key_of(struct fallback *d, const struct provider *p, const struct task *t)
{
    unsigned char hash[SHA256_LEN];
    struct str all = arena_printf(d->o->arena, "%s\n%.*s\n%llu %u\n%d\n%.*s", p->wire->name,
                                  STR(p->set.url), (unsigned long long)t->prompt->seed,
                                  t->prompt->ordinal, t->writings, STR(t->body));
    crypto_sha256(all, hash);
    return crypto_hex(d->o->arena, (struct str){(const char *)hash, 16});
}

/* Puts together what is sent: the prompt, what a reviewer said, and what was wrong before. */
static error prepare(struct fallback *d, const struct provider *p, struct task *t)
{
    struct arena *a = d->o->arena;
    struct str system, user, feedback = t->prompt->feedback;
    struct buf *b = buf_new(a, BODY_MAX);
    struct writer w;
    if (t->problem.n)
        feedback = arena_printf(a, "%.*s\n%.*s", STR(feedback), STR(t->problem));
    TRY(prompts_render(a, d->o->config->llm_prompts, t->prompt, feedback, &system, &user));
    write_init(&w, b);
    p->wire->body(&w, p, system, user);
    if (b->full)
        return error_because(a, ERR_VALIDATION_FAILED, "the prompt is too long");
    t->body = buf_str(b);
    t->call = (struct llm_call){
        .key = key_of(d, p, t),
        .provider = str_of(p->wire->name),
        .model = p->set.model,
        .content = t->prompt->content,
        .lasts_ms = p->set.timeout_ms,
        .most = most_of(d, p, t->body),
        .alone = !d->health.proven,
    };
    return NULL;
}

static struct fetch_request request_of(struct fallback *d, const struct provider *p, struct task *t)
{
    struct fetch_header *headers = arena_array(d->o->arena, WIRE_HEADERS, sizeof *headers);
    p->wire->headers(d->o->arena, p, headers);
    return (struct fetch_request){
        .method = "POST",
        .url = arena_printf(d->o->arena, "%.*s%s", STR(p->set.url), p->wire->path),
        .headers = headers,
        .body = t->body,
        .timeout_ms = p->set.timeout_ms,
        .max_bytes = ANSWER_MAX,
        .allow_private = true, /* the address is the operator's own word */
        .allow_http = true,
    };
}

/* ---- answers ---- */

static void give_up(struct task *t, struct arena *a, struct str why)
{
    t->done = true;
    t->draft->failure = error_because(a, ERR_UNAVAILABLE, "%.*s", STR(why));
}

/* It was asked for as often as may be, and there is no text: the next writer has its turn. */
static void leave_to_next(struct task *t, struct arena *a, const struct provider *p)
{
    t->left = true;
    t->refusals++;
    t->draft->model = p->set.model;
    t->draft->failure =
        error_because(a, ERR_VALIDATION_FAILED, "%.*s gave no usable text in %d tries: %.*s",
                      STR(p->set.model), (int)WRITINGS, STR(t->problem));
}

/* A body that is an answer becomes a draft, or the reason why it has to be written anew. False: it
 * is no answer of this API at all. */
static bool judge(struct fallback *d, const struct provider *p, struct task *t, struct str body,
                  struct reply *said)
{
    const struct node *answer = tree_parse(d->o->arena, body);
    bool good = p->wire->read(answer, said);
    if (!good)
        *said = (struct reply){.tokens_in = -1, .tokens_out = -1};
    t->writings++;
    if (answer_read(d->o->arena, t->prompt, said, t->draft, &t->problem)) {
        t->done = true;
        t->draft->failure = NULL;
        t->draft->model = p->set.model;
        t->draft->language = t->prompt->brief->language.n ? t->prompt->brief->language : S("en");
    } else if (t->writings == WRITINGS) {
        leave_to_next(t, d->o->arena, p);
    }
    return good;
}

static void add_cost(struct task *t)
{
    t->draft->tokens_in += t->call.tokens_in;
    t->draft->tokens_out += t->call.tokens_out;
    t->draft->cost_microcents += t->call.microcents;
}

static error note_failure(struct fallback *d, const struct provider *p, struct str why,
                          int64_t wait_ms)
{
    const struct config *k = d->o->config;
    int64_t pause = k->llm_breaker_pause_s * 1000;
    d->health.failures++;
    d->health.problem = why;
    d->why = why;
    for (int64_t n = k->llm_breaker_failures; n < d->health.failures && pause < PAUSE_MAX_MS; n++)
        pause *= 2;
    pause = pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS;
    if (d->health.failures < k->llm_breaker_failures)
        pause = 0;
    if (wait_ms > PATIENCE_MS && wait_ms > pause)
        pause = wait_ms;
    if (pause)
        d->health.pause_until_ms = clock_ms() + pause;
    log_event(NULL, LOG_LEVEL_WARN, "llm.failed", L_STR("provider", str_of(p->wire->name)),
              L_STR("cause", why));
    return d->llm->budget->note(d->llm->budget, str_of(p->wire->name), &d->health);
}

static error note_success(struct fallback *d, const struct provider *p)
{
    bool news =
        d->health.failures || d->health.pause_until_ms || d->health.problem.p || !d->health.proven;
    d->health = (struct llm_health){.model = p->set.model, .proven = true, .dear = d->health.dear};
    return news ? d->llm->budget->note(d->llm->budget, str_of(p->wire->name), &d->health) : NULL;
}

/* It took more than it can have been asked for: nobody knows what the next call would cost. That it
 * is twice as much again is what will be set aside for it. */
static error distrust(struct fallback *d, const struct provider *p, const struct task *t)
{
    __int128 dear = (__int128)t->call.microcents * 2 * PERCENT / agreed_of(p, t->body);
    d->health = (struct llm_health){
        .model = p->set.model,
        .dear = dear < DEAR_MAX ? (int64_t)dear : DEAR_MAX,
        .failures = d->health.failures + 1,
        .pause_until_ms = clock_ms() + OVERCHARGED_MS,
        .problem = S("It charged more than its limits allow; it is not called for a day."),
    };
    d->why = d->health.problem;
    log_event(NULL, LOG_LEVEL_ERROR, "llm.overcharged", L_STR("provider", str_of(p->wire->name)));
    return d->llm->budget->note(d->llm->budget, str_of(p->wire->name), &d->health);
}

static error take_answer(struct fallback *d, const struct provider *p, struct task *t,
                         struct str body)
{
    struct reply said;
    bool good = judge(d, p, t, body, &said);
    charge(p, &t->call, &said);
    t->call.outcome = LLM_ANSWERED;
    t->call.answer = utf8_valid(body) ? body : (struct str){0};
    add_cost(t);
    t->tries = 0;
    if (t->call.microcents > t->call.most) /* known before anybody else is let in */
        TRY(distrust(d, p, t));
    TRY(d->llm->budget->close(d->llm->budget, &t->call));
    if (t->call.microcents > t->call.most)
        return NULL;
    return good ? note_success(d, p)
                : note_failure(d, p, S("what it answers is no answer of its API"), 0);
}

static bool passes(int status)
{
    return status == 408 || status == 409 || status == 429 || status >= 500;
}

/* Neither charged nor answered with a text: again later if it may pass, else not by this provider.
 */
static error take_refusal(struct fallback *d, const struct provider *p, struct task *t,
                          const struct fetch_response *r)
{
    struct arena *a = d->o->arena;
    int64_t wait_ms = r->retry_after_s * 1000;
    struct str why = r->verdict == FETCH_DONE
                         ? arena_printf(a, "%s answered %d", p->wire->name, r->status)
                         : arena_printf(a, "%s: %.*s", p->wire->name, STR(r->problem));
    t->call.outcome = r->verdict == FETCH_UNCLEAR ? LLM_UNCLEAR : LLM_NOT_MADE;
    if (t->call.outcome == LLM_UNCLEAR) {
        t->call.microcents = t->call.most;
        add_cost(t);
    }
    TRY(d->llm->budget->close(d->llm->budget, &t->call));
    if (r->unwanted) /* it was held back here: nobody's failure */
        return NULL;
    bool again = r->verdict == FETCH_UNSENT || (r->verdict == FETCH_DONE && passes(r->status));
    t->tries = again ? t->tries + 1 : TRIES;
    if (wait_ms > d->wait_ms)
        d->wait_ms = wait_ms;
    return note_failure(d, p, why, wait_ms);
}

/* ---- rounds ---- */

/* Is anybody still waiting for these texts? A struct fetch_watch. */
static bool wanted(void *self)
{
    struct fallback *d = self;
    if (!d->llm->budget->wanted(d->llm->budget))
        d->unwanted = true;
    return !d->unwanted;
}

static void give_up_all(struct fallback *d, struct str why)
{
    for (size_t i = 0; i < d->n; i++)
        if (!d->tasks[i].done)
            give_up(&d->tasks[i], d->o->arena, why);
}

/* Opens calls for as many texts as may be asked for at once: one, where nobody knows yet whether
 * the model charges as agreed. What was asked before is answered. */
static error open_calls(struct fallback *d, const struct provider *p, struct task **out, size_t *n)
{
    struct llm_budget *budget = d->llm->budget;
    size_t most = d->health.proven ? (size_t)p->set.parallel : 1;
    *n = 0;
    for (size_t i = 0; i < d->n && *n < most && !d->broke; i++) {
        struct task *t = &d->tasks[i];
        enum budget_answer word = BUDGET_GRANTED;
        while (!t->done && !t->left && t->tries < TRIES) {
            TRY(prepare(d, p, t));
            TRY(budget->open(budget, &t->call, &word));
            if (word != BUDGET_ANSWERED)
                break;
            struct reply said;
            judge(d, p, t, t->call.answer, &said);
            add_cost(t);
        }
        if (t->done || t->left || t->tries >= TRIES)
            continue;
        if (word == BUDGET_GRANTED)
            out[(*n)++] = t;
        else if (word == BUDGET_EXHAUSTED)
            d->broke = true;
        else if (t->call.alone)
            give_up_all(d, S("the model is being tried out"));
        else
            give_up(t, d->o->arena, S("an earlier question is still to be answered"));
    }
    return NULL;
}

static error round_of(struct fallback *d, const struct provider *p, struct task **asked, size_t n)
{
    struct fetch_request *in = arena_array(d->o->arena, n, sizeof *in);
    struct fetch_response *out = arena_array(d->o->arena, n, sizeof *out);
    for (size_t i = 0; i < n; i++)
        in[i] = request_of(d, p, asked[i]);
    d->wait_ms = 0;
    fetch_many(d->o, in, out, n, n, &(struct fetch_watch){.wanted = wanted, .self = d});
    for (size_t i = 0; i < n; i++) {
        bool answered = out[i].verdict == FETCH_DONE && out[i].status == 200;
        TRY(answered ? take_answer(d, p, asked[i], out[i].body)
                     : take_refusal(d, p, asked[i], &out[i]));
    }
    return NULL;
}

/* Before the next round: what the provider asked for, or twice as long as the last time. */
static void wait_for(struct fallback *d, int failed_rounds)
{
    enum { SLICE_MS = 200 };
    int64_t ms = (int64_t)BACKOFF_MS << (failed_rounds < 4 ? failed_rounds : 4);
    ms = ms / 2 + crypto_random_below((uint32_t)(ms / 2 + 1));
    if (d->wait_ms > ms)
        ms = d->wait_ms;
    int64_t until_us = clock_mono_us() + ms * 1000;
    while (clock_mono_us() < until_us && wanted(d))
        nanosleep(&(struct timespec){.tv_nsec = SLICE_MS * 1000000}, NULL);
}

/* What all workers know of it by now. */
static error look_at(struct fallback *d, const struct provider *p)
{
    TRY(d->llm->budget->health(d->llm->budget, str_of(p->wire->name), &d->health));
    if (str_eq(d->health.model, p->set.model))
        return NULL;
    d->health.model = p->set.model;
    d->health.proven = false;
    d->health.dear = PERCENT;
    return NULL;
}

/* One provider writes what it can. */
static error write_with(struct fallback *d, const struct provider *p)
{
    struct task **asked = arena_array(d->o->arena, (size_t)p->set.parallel, sizeof(void *));
    int failed_rounds = 0;
    while (wanted(d)) {
        size_t n;
        int64_t failures;
        TRY(look_at(d, p));
        failures = d->health.failures;
        if (d->health.pause_until_ms > clock_ms())
            break;
        TRY(open_calls(d, p, asked, &n));
        if (!n)
            return NULL;
        TRY(round_of(d, p, asked, n));
        bool failed = d->health.failures > failures;
        failed_rounds = failed ? failed_rounds + 1 : 0;
        if (failed && d->health.pause_until_ms <= clock_ms())
            wait_for(d, failed_rounds);
    }
    d->why = d->health.problem;
    return NULL;
}

static error write_builtin(struct fallback *d)
{
    for (size_t i = 0; i < d->n; i++) {
        struct task *t = &d->tasks[i];
        struct draft by_composer;
        if (t->done)
            continue;
        TRY(llm_builtin.complete(d->llm, d->o, t->prompt, 1, &by_composer));
        by_composer.tokens_in = t->draft->tokens_in;
        by_composer.tokens_out = t->draft->tokens_out;
        by_composer.cost_microcents = t->draft->cost_microcents;
        *t->draft = by_composer;
        t->done = true;
    }
    return NULL;
}

static size_t open_tasks(const struct fallback *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++)
        n += !d->tasks[i].done;
    return n;
}

static error write_by(struct fallback *d, struct str name)
{
    struct provider p;
    if (str_eq(name, S("builtin")))
        return write_builtin(d);
    for (size_t i = 0; i < d->n; i++) {
        d->tasks[i].tries = d->tasks[i].writings = 0;
        d->tasks[i].problem = (struct str){0};
        d->tasks[i].left = false;
    }
    d->writers++;
    if (find_provider(d->o, name, &p))
        return write_with(d, &p);
    d->writers--;
    d->why = arena_printf(d->o->arena, "%.*s is not configured", STR(name));
    return NULL;
}

/* What no writer gave a usable text for stays without one, however often one asks: draft->failure
 * says why. */
static void close_refused(struct fallback *d)
{
    for (size_t i = 0; i < d->n && !d->broke; i++)
        d->tasks[i].done |= d->tasks[i].refusals > 0 && d->tasks[i].refusals == d->writers;
}

/* What nobody could write. If that is all, the batch has failed, and is tried again later. */
static error conclude(struct fallback *d)
{
    size_t open = open_tasks(d);
    if (d->unwanted && open)
        return error_because(d->o->arena, ERR_UNAVAILABLE, "the texts are not wanted any more");
    close_refused(d);
    open = open_tasks(d);
    struct str why = d->broke ? S("the budget is used up") : d->why;
    if (open == d->n && d->n && !d->broke)
        return error_because(d->o->arena, ERR_UNAVAILABLE, "no writer answers: %.*s", STR(why));
    give_up_all(d, why);
    return NULL;
}

static error complete(struct llm *llm, struct outside *o, const struct prompt *in, size_t n,
                      struct draft *out)
{
    struct fallback d = {.llm = llm, .o = o, .n = n, .why = S("no provider is configured")};
    struct str order = llm_order(o->config, o->live);
    if (str_eq(order, S("builtin")))
        return llm_builtin.complete(llm, o, in, n, out);
    d.tasks = arena_array(o->arena, n, sizeof *d.tasks);
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct draft){0};
        d.tasks[i] = (struct task){.prompt = &in[i], .draft = &out[i]};
    }
    while (order.p && open_tasks(&d) && !d.broke && !d.unwanted)
        TRY(write_by(&d, str_trim(str_cut(&order, ','))));
    return conclude(&d);
}

const struct llm_ops llm_writers = {.name = "writers", .complete = complete};
