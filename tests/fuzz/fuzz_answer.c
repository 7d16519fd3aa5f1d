/* fuzz_answer.c: what a language model may answer: any bytes. A draft that comes out of it fits its
 * platform, whatever was said. */
#include "base/utf8.h"
#include "llm/wire.h"
#include "target.h"

static void check_draft(struct arena *a, const struct prompt *in, const struct draft *d)
{
    const struct platform_rule *rule = &platform_rules[in->platform];
    const struct str *tags = d->copy.hashtags.at;
    assert(d->copy.primary.n > 0 && utf8_valid(d->copy.primary));
    assert(d->copy.hashtags.n <= (size_t)rule->max_hashtags);
    assert(d->confidence > 0 && d->confidence < 1);
    for (size_t i = 0; i < d->copy.hashtags.n; i++)
        assert(tags[i].n > 1 && tags[i].p[0] == '#' && utf8_valid(tags[i]));
    for (size_t i = 0; i < copy_parts(&d->copy); i++)
        assert(platform_length(in->platform, copy_rendered(a, &d->copy, i)) <= (size_t)rule->limit);
}

static void try_platforms(struct arena *a, const struct reply *said)
{
    static const struct brief brief = {.name = S("Spring")};
    static const struct prompt prompts[] = {
        {.brief = &brief, .platform = PLATFORM_TWITTER, .type = TYPE_POST},
        {.brief = &brief, .platform = PLATFORM_TWITTER, .type = TYPE_THREAD},
        {.brief = &brief, .platform = PLATFORM_LINKEDIN, .type = TYPE_POST, .pillar = S("Ideas")},
    };
    for (size_t i = 0; i < sizeof prompts / sizeof *prompts; i++) {
        struct draft d = {0};
        struct str problem;
        if (answer_read(a, &prompts[i], said, &d, &problem))
            check_draft(a, &prompts[i], &d);
        else
            assert(problem.n > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct wire *const wires[] = {&wire_openai, &wire_anthropic};
    struct arena *a = input_arena();
    struct str body = input_text(data, size);
    if (size > INPUT_MAX)
        return 0;
    const struct reply raw = {.text = body};
    try_platforms(a, &raw);
    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++) {
        struct reply said;
        if (wires[i]->read(tree_parse(a, body), &said))
            try_platforms(a, &said);
    }
    return 0;
}
