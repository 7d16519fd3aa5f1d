/* composer_vocabulary.c: the words that the reading of objectives knows. What they mean for a
 * sentence is composer_matter.c's affair. */
#include "llm/composer_vocabulary.h"

static const struct verb verbs[] = {
    {"accelerate", "accelerating", VERB_ANY},
    {"acquire", "acquiring", VERB_ANY},
    {"activate", "activating", VERB_PEOPLE},
    {"advertise", "advertising", VERB_OFFER},
    {"amplify", "amplifying", VERB_ANY},
    {"announce", "announcing", VERB_OFFER},
    {"attract", "attracting", VERB_PEOPLE},
    {"be", "being", VERB_WHOLE},
    {"become", "becoming", VERB_WHOLE},
    {"boost", "boosting", VERB_ANY},
    {"bring", "bringing", VERB_WHOLE},
    {"build", "building", VERB_ANY},
    {"celebrate", "celebrating", VERB_OFFER},
    {"collect", "collecting", VERB_ANY},
    {"connect", "connecting", VERB_PEOPLE},
    {"convert", "converting", VERB_PEOPLE},
    {"convince", "convincing", VERB_PEOPLE},
    {"create", "creating", VERB_ANY},
    {"cultivate", "cultivating", VERB_ANY},
    {"deepen", "deepening", VERB_ANY},
    {"deliver", "delivering", VERB_ANY},
    {"demonstrate", "demonstrating", VERB_OFFER},
    {"develop", "developing", VERB_ANY},
    {"donate", "donating", VERB_OFFER},
    {"double", "doubling", VERB_ANY},
    {"drive", "driving", VERB_ANY},
    {"earn", "earning", VERB_ANY},
    {"educate", "educating", VERB_PEOPLE},
    {"encourage", "encouraging", VERB_PEOPLE},
    {"engage", "engaging", VERB_PEOPLE},
    {"enhance", "enhancing", VERB_ANY},
    {"establish", "establishing", VERB_ANY},
    {"expand", "expanding", VERB_ANY},
    {"explain", "explaining", VERB_OFFER},
    {"find", "finding", VERB_PEOPLE},
    {"foster", "fostering", VERB_ANY},
    {"fund", "funding", VERB_OFFER},
    {"gain", "gaining", VERB_ANY},
    {"generate", "generating", VERB_ANY},
    {"get", "getting", VERB_ANY},
    {"grow", "growing", VERB_ANY},
    {"help", "helping", VERB_PEOPLE},
    {"highlight", "highlighting", VERB_OFFER},
    {"hire", "hiring", VERB_PEOPLE},
    {"improve", "improving", VERB_ANY},
    {"increase", "increasing", VERB_ANY},
    {"inform", "informing", VERB_PEOPLE},
    {"inspire", "inspiring", VERB_PEOPLE},
    {"introduce", "introducing", VERB_OFFER},
    {"invite", "inviting", VERB_PEOPLE},
    {"join", "joining", VERB_OFFER},
    {"keep", "keeping", VERB_WHOLE},
    {"launch", "launching", VERB_OFFER},
    {"learn", "learning", VERB_WHOLE},
    {"make", "making", VERB_WHOLE},
    {"market", "marketing", VERB_OFFER},
    {"maximise", "maximising", VERB_ANY},
    {"maximize", "maximizing", VERB_ANY},
    {"motivate", "motivating", VERB_PEOPLE},
    {"nurture", "nurturing", VERB_ANY},
    {"open", "opening", VERB_OFFER},
    {"persuade", "persuading", VERB_PEOPLE},
    {"position", "positioning", VERB_WHOLE},
    {"present", "presenting", VERB_OFFER},
    {"promote", "promoting", VERB_OFFER},
    {"publish", "publishing", VERB_OFFER},
    {"raise", "raising", VERB_ANY},
    {"reach", "reaching", VERB_PEOPLE},
    {"recruit", "recruiting", VERB_PEOPLE},
    {"reduce", "reducing", VERB_ANY},
    {"release", "releasing", VERB_OFFER},
    {"retain", "retaining", VERB_PEOPLE},
    {"save", "saving", VERB_ANY},
    {"sell", "selling", VERB_OFFER},
    {"share", "sharing", VERB_OFFER},
    {"ship", "shipping", VERB_OFFER},
    {"show", "showing", VERB_OFFER},
    {"showcase", "showcasing", VERB_OFFER},
    {"simplify", "simplifying", VERB_ANY},
    {"spread", "spreading", VERB_ANY},
    {"start", "starting", VERB_ANY},
    {"strengthen", "strengthening", VERB_ANY},
    {"support", "supporting", VERB_OFFER},
    {"teach", "teaching", VERB_PEOPLE},
    {"tell", "telling", VERB_PEOPLE},
    {"train", "training", VERB_PEOPLE},
    {"try", "trying", VERB_OFFER},
    {"turn", "turning", VERB_WHOLE},
    {"unveil", "unveiling", VERB_OFFER},
    {"use", "using", VERB_OFFER},
    {"visit", "visiting", VERB_OFFER},
    {"welcome", "welcoming", VERB_PEOPLE},
    {"win", "winning", VERB_ANY},
};

/* Figures that campaigns want: an objective about them is about what lies behind, if it says so. */
static const char *const figures[] = {
    "adoption",    "applications", "attendance",    "authority",     "awareness",
    "bookings",    "clicks",       "confidence",    "conversions",   "credibility",
    "demand",      "demos",        "donations",     "downloads",     "engagement",
    "enquiries",   "exposure",     "followers",     "footfall",      "funds",
    "growth",      "impressions",  "inquiries",     "installs",      "interactions",
    "interest",    "knowledge",    "leadership",    "leads",         "loyalty",
    "memberships", "money",        "orders",        "participation", "presence",
    "reach",       "recognition",  "referrals",     "registrations", "relationships",
    "reputation",  "retention",    "revenue",       "reviews",       "sales",
    "sign-ups",    "signups",      "subscribers",   "subscriptions", "traffic",
    "trials",      "trust",        "understanding", "usage",         "visibility",
    "visits",
};
/* Words before a figure that do not say what it is about. */
static const char *const plain_modifiers[] = {
    "audience", "brand",   "company",   "consumer", "customer", "digital", "direct",
    "email",    "foot",    "general",   "inbound",  "lead",     "local",   "market",
    "media",    "mobile",  "online",    "organic",  "our",      "overall", "page",
    "product",  "public",  "qualified", "repeat",   "site",     "social",  "strong",
    "the",      "thought", "user",      "web",      "website",  "brand's", "company's",
};
static const char *const quantifiers[] = {
    "additional", "extra", "few", "many", "more", "several", "some", "two", "three", "five", "ten",
};
static const char *const newcomers[] = {"new", "potential", "prospective", "future", "qualified"};
static const char *const prepositions[] = {
    "of", "about", "for", "in", "to", "at", "among", "with", "from", "on", "across", "into", "as",
};
/* Figures of which each is one deal: "cake orders" are about the cakes. */
static const char *const deals[] = {
    "adoption", "bookings", "downloads", "installs",      "orders", "registrations",
    "sales",    "sign-ups", "signups",   "subscriptions", "trials", "usage",
};
/* Deals about many of a kind. */
static const char *const trades[] = {"orders", "sales", "bookings"};
/* Figures about what people know: what they are about is a field. */
static const char *const insights[] = {
    "authority", "awareness",  "confidence", "credibility",   "interest",
    "knowledge", "leadership", "trust",      "understanding",
};
static const char *const determiners[] = {"a", "an", "the", "our", "my", "your", "this", "these"};
/* Figures that one has *in* something. */
static const char *const inward[] = {
    "authority",  "confidence", "credibility",   "interest",
    "leadership", "knowledge",  "participation", "trust",
};
/* Where the useful part of an objective ends. */
static const char *const clause_ends[] = {
    "by",     "while", "so",     "via",    "through", "using",   "because",
    "before", "until", "within", "during", "per",     "without", "over",
};
static const char *const periods[] = {
    "quarter", "year",      "month",   "week",     "season",   "spring",    "summer",
    "autumn",  "fall",      "winter",  "q1",       "q2",       "q3",        "q4",
    "january", "february",  "march",   "april",    "may",      "june",      "july",
    "august",  "september", "october", "november", "december", "christmas", "easter",
};
static const char *const channels[] = {
    "twitter", "x",       "linkedin",  "instagram", "facebook", "threads", "bluesky",
    "tiktok",  "youtube", "pinterest", "mastodon",  "social",   "google",
};
static const char *const people_words[] = {
    "adults",        "alumni",  "artists",     "businesses", "children",   "clients",  "companies",
    "creatives",     "donors",  "enthusiasts", "families",   "fans",       "firms",    "folks",
    "founders",      "friends", "graduates",   "guests",     "kids",       "leads",    "locals",
    "men",           "mums",    "dads",        "nonprofits", "parents",    "patients", "people",
    "professionals", "pros",    "residents",   "schools",    "shops",      "startups", "students",
    "teams",         "teens",   "tenants",     "tourists",   "vets",       "women",    "youth",
    "agencies",      "nurses",  "seniors",     "citizens",   "executives", "athletes", "couples",
};
static const char *const people_endings[] = {"ers", "ors", "ists", "ians", "ees", "ants"};

static const char *const launches[] = {"launch", "introduce", "announce", "release", "unveil"};
static const char *const giving[] = {
    "donate",     "donation", "donations", "donors", "volunteer", "volunteers",
    "fundraiser", "charity",  "funds",     "money",  "shelter",
};
/* Words of a plan, not of a post. */
static const char *const internal_words[] = {
    "goal",     "goals",     "target",     "targets",   "kpi",    "kpis",
    "campaign", "mission",   "budget",     "aim",       "should", "quarter",
    "audience", "leads",     "conversion", "objective", "plan",   "strategy",
    "content",  "marketing", "want",       "awareness", "posts",  "need",
};
static const char *const about_verbs[] = {
    "is",     "are",     "helps",   "help",     "makes",    "make",   "builds", "build",
    "offers", "offer",   "sells",   "provide",  "provides", "serves", "serve",  "bakes",
    "bake",   "brings",  "bring",   "lets",     "runs",     "run",    "gives",  "give",
    "teach",  "teaches", "support", "supports", "feed",
};
static const char *const pointing[] = {"this", "it", "there", "these", "that", "they"};

static const char *const singular[] = {"news", "series", "mathematics"};
static const char *const plural[] = {"people", "children", "women", "men", "youth"};

#define WORDS(table)                                                                               \
    {                                                                                              \
        table, sizeof(table) / sizeof *(table)                                                     \
    }
static const struct {
    const char *const *at;
    size_t n;
} classes[WORD_CLASS_COUNT] = {
    [WORD_FIGURE] = WORDS(figures),
    [WORD_PLAIN_MODIFIER] = WORDS(plain_modifiers),
    [WORD_QUANTIFIER] = WORDS(quantifiers),
    [WORD_NEWCOMER] = WORDS(newcomers),
    [WORD_PREPOSITION] = WORDS(prepositions),
    [WORD_DEAL] = WORDS(deals),
    [WORD_TRADE] = WORDS(trades),
    [WORD_INSIGHT] = WORDS(insights),
    [WORD_DETERMINER] = WORDS(determiners),
    [WORD_INWARD] = WORDS(inward),
    [WORD_CLAUSE_END] = WORDS(clause_ends),
    [WORD_PERIOD] = WORDS(periods),
    [WORD_CHANNEL] = WORDS(channels),
    [WORD_LAUNCH] = WORDS(launches),
    [WORD_GIVING] = WORDS(giving),
    [WORD_INTERNAL] = WORDS(internal_words),
    [WORD_TELLING] = WORDS(about_verbs),
    [WORD_POINTING] = WORDS(pointing),
    [WORD_PEOPLE] = WORDS(people_words),
    [WORD_SINGULAR] = WORDS(singular),
    [WORD_PLURAL] = WORDS(plural),
};

bool word_is(struct str word, enum word_class class)
{
    for (size_t i = 0; i < classes[class].n; i++)
        if (str_eq_nocase(word, str_of(classes[class].at[i])))
            return true;
    return false;
}

const struct verb *word_verb(struct str word)
{
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (str_eq_nocase(word, str_of(verbs[i].text)))
            return &verbs[i];
    return NULL;
}

bool word_is_common(struct str word)
{
    return word_is(word, WORD_FIGURE) || word_is(word, WORD_PLAIN_MODIFIER) ||
           word_is(word, WORD_PREPOSITION) || word_is(word, WORD_QUANTIFIER) ||
           word_is(word, WORD_PEOPLE) || word_is(word, WORD_NEWCOMER);
}

bool word_is_people(struct str word)
{
    if (word_is(word, WORD_PEOPLE))
        return true;
    for (size_t i = 0; i < sizeof people_endings / sizeof *people_endings; i++)
        if (word.n > 4 && str_ends(word, str_of(people_endings[i])))
            return true;
    return false;
}

bool word_is_plural(struct str word)
{
    static const char *const endings[] = {"ss", "us", "is", "ics"};
    if (word_is(word, WORD_PLURAL))
        return true;
    if (word.n <= 3 || !str_ends(word, S("s")) || word_is(word, WORD_SINGULAR))
        return false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (str_ends(word, str_of(endings[i])))
            return false;
    return true;
}
