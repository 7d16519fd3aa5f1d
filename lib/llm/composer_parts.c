/* composer_parts.c: which part is whose turn. What is done with the parts is composer_layout.c's
 * affair. */
#include <assert.h>

#include "llm/composer.h"

/* May this template be used for the matter at hand? */
static bool suits(const struct composer *c, unsigned flags, unsigned themes)
{
    unsigned kind = c->matter.kind;
    if (flags & P_ANY && !(flags & themes))
        return false;
    if (flags & T_ANY && !(flags & kind & T_ANY))
        return false;
    if ((flags & T_LAUNCH && !(kind & T_LAUNCH)) || (flags & T_GIVING && !(kind & T_GIVING)))
        return false;
    if (flags & T_NOUN && c->matter.gerund)
        return false;
    if (flags & NEEDS_GOAL && c->matter.goal.n == 0)
        return false;
    if (flags & NEEDS_AUDIENCE && c->matter.audience.n == 0)
        return false;
    if (flags & TONE_ANY && !(flags & c->tones))
        return false;
    return true;
}

static void add(struct pool *p, size_t index)
{
    assert(p->n < CANDIDATES_MAX);
    p->candidates[p->n++] = (uint16_t)index;
}

const struct idea *parts_idea(size_t index)
{
    if (index < composer_general_count)
        return &composer_general[index];
    return &composer_ideas[index - composer_general_count];
}

/* The ideas [from, to) that suit. */
static void gather_ideas(const struct composer *c, size_t from, size_t to, struct pool *p)
{
    unsigned themes = c->pillar ? c->pillar->flag : P_ANY;
    for (size_t i = from; i < to; i++)
        if (suits(c, parts_idea(i)->flags, themes))
            add(p, i);
}

static void gather_polls(const struct composer *c, struct pool *p)
{
    for (size_t i = 0; i < composer_polls_count; i++)
        if (suits(c, composer_polls[i].flags, 0))
            add(p, i);
}

/* A business page asks to get in touch, and not to follow or to save. */
static void gather_calls(const struct composer *c, struct pool *p)
{
    bool business = c->prompt->platform == PLATFORM_GOOGLE_BUSINESS;
    for (size_t i = 0; i < composer_calls.n; i++)
        if (!business || composer_calls.at[i].flags & IN_CONTACT)
            add(p, i);
}

/* From `base` on: the candidates of a pool may come from more than one table. */
static void gather_lines(const struct composer *c, const struct lines *lines, size_t base,
                         struct pool *p)
{
    unsigned themes = c->pillar ? c->pillar->flag : 0;
    for (size_t i = 0; i < lines->n; i++)
        if (suits(c, lines->at[i].flags, themes))
            add(p, base + i);
}

/* Where steps and questions begin among the general leads. */
enum { STEPS_BASE = 1000, QUESTIONS_BASE = 2000 };

static void gather(const struct composer *c, enum role role, struct pool *p)
{
    static const struct lines *const tables[ROLE_COUNT] = {
        [ROLE_OPENING] = &composer_openings,       [ROLE_REMARK] = &composer_remarks,
        [ROLE_QUESTION] = &composer_questions,     [ROLE_STEP] = &composer_steps,
        [ROLE_STEP_LEAD] = &composer_step_leads,   [ROLE_QUESTION_LEAD] = &composer_question_leads,
        [ROLE_INTRO] = &composer_list_intros,      [ROLE_TITLE] = &composer_titles,
        [ROLE_THREAD] = &composer_thread_openings,
    };
    size_t all_ideas = composer_general_count + composer_ideas_count;
    p->n = 0;
    switch (role) {
    case ROLE_OWN:
        gather_ideas(c, composer_general_count, all_ideas, p);
        break;
    case ROLE_GENERAL:
        gather_ideas(c, 0, composer_general_count, p);
        gather_lines(c, &composer_steps, STEPS_BASE, p);
        gather_lines(c, &composer_questions, QUESTIONS_BASE, p);
        break;
    case ROLE_SECOND:
        gather_ideas(c, 0, all_ideas, p);
        break;
    case ROLE_POLL:
        gather_polls(c, p);
        break;
    case ROLE_CALL:
        gather_calls(c, p);
        break;
    default:
        gather_lines(c, tables[role], 0, p);
    }
    assert(p->n > 0);
}

static bool is_prime(uint64_t n)
{
    for (uint64_t d = 2; d * d <= n; d++)
        if (n % d == 0)
            return false;
    return n > 1;
}

static bool is_taken(const struct parts *parts, size_t before, uint64_t prime)
{
    for (size_t i = 0; i < before && before < ROLE_DISTINCT; i++)
        if (parts->pools[i].prime == prime)
            return true;
    return false;
}

/* The largest prime not above n that no earlier role has; some prime in any case. */
static uint64_t prime_for(const struct parts *parts, size_t role)
{
    uint64_t n = parts->pools[role].n;
    for (uint64_t p = n; p >= 2; p--)
        if (is_prime(p) && !is_taken(parts, role, p))
            return p;
    return n > 1 ? 2 : 1;
}

void parts_gather(const struct composer *c, struct parts *out)
{
    for (enum role role = 0; role < ROLE_COUNT; role++) {
        struct pool *p = &out->pools[role];
        gather(c, role, p);
        p->prime = prime_for(out, role);
        struct rng r = {rng_mix(c->key, role)};
        p->offset = rng_next(&r) % p->prime;
        p->stride = p->prime > 1 ? 1 + rng_next(&r) % (p->prime - 1) : 0;
        p->turn = rng_next(&r) % p->n;
    }
}

size_t parts_pick(const struct pool *p, uint64_t order)
{
    uint64_t place = (p->offset + p->stride * (order % p->prime)) % p->prime;
    return p->candidates[(place + p->turn) % p->n];
}

static bool asks(size_t idea)
{
    return str_ends(str_of(parts_idea(idea)->more), S("?"));
}

size_t parts_pick_statement(const struct pool *p, uint64_t order, size_t not_this, size_t nor_this)
{
    size_t index = parts_pick(p, order);
    for (uint64_t i = 1; i < p->prime; i++) {
        if (index != not_this && index != nor_this && !asks(index))
            break;
        index = parts_pick(p, order + i);
    }
    return index;
}

struct lead parts_lead(const struct composer *c, const struct parts *parts)
{
    enum { ROUND = 5, OWN_A_ROUND = 2 };
    /* Places 0 and 2 of a round are the pillar's own, 1, 3 and 4 general. */
    static const uint64_t rank[ROUND] = {0, 0, 1, 1, 2};
    uint64_t place = c->order % ROUND;
    bool own = place == 0 || place == 2;
    const struct pool *p = &parts->pools[own ? ROLE_OWN : ROLE_GENERAL];
    uint64_t n = c->order / ROUND * (own ? OWN_A_ROUND : ROUND - OWN_A_ROUND) + rank[place];
    /* A pillar without ideas of its own borrows those of the others. */
    bool again = n >= p->prime || (own && !c->pillar);
    struct lead lead = {LEAD_IDEA, parts_pick(p, n), again};
    if (lead.index >= QUESTIONS_BASE)
        lead = (struct lead){LEAD_QUESTION, lead.index - QUESTIONS_BASE, lead.again};
    else if (lead.index >= STEPS_BASE)
        lead = (struct lead){LEAD_STEP, lead.index - STEPS_BASE, lead.again};
    return lead;
}
