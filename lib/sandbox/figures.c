/* figures.c: makes numbers out of identities and time. Knows no wire and no file. */
#include "sandbox/figures.h"

#include "base/clock.h"

enum { THOUSAND = 1000, FOLLOWERS_SINCE_DAYS = 18262 /* 2020-01-01 */ };

/* How good an hour of the day is, and a day of the week, in thousandths. */
static const int64_t hours[24] = {220, 170, 140, 120, 130, 190, 330, 520, 690, 800, 840, 870,
                                  930, 880, 800, 760, 770, 840, 910, 940, 880, 720, 500, 330};
static const int64_t weekdays[7] = {920, 1000, 1000, 960, 850, 620, 660};

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014) over both. */
uint64_t sandbox_mix(uint64_t a, uint64_t b)
{
    uint64_t x = a * 0x9E3779B97F4A7C15U + b;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27) * 0x94D049BB133111EBU;
    return x ^ x >> 31;
}

/* Somewhere in [low, high], decided by the seed. */
static int64_t between(uint64_t seed, int64_t low, int64_t high)
{
    return low + (int64_t)(sandbox_mix(seed, 1) % (uint64_t)(high - low + 1));
}

int64_t sandbox_hour(int64_t account, int network, int weekday, int hour)
{
    uint64_t place = sandbox_mix((uint64_t)account, (uint64_t)network);
    int64_t taste = between(sandbox_mix(place, (uint64_t)weekday * 24 + (uint64_t)hour), 850, 1100);
    int64_t value = hours[hour] * weekdays[weekday] / THOUSAND * taste / THOUSAND;
    if (value < 100)
        return 100;
    return value < THOUSAND ? value : THOUSAND;
}

struct sandbox_figures sandbox_figures_of(int64_t account, int64_t post, int network, int weekday,
                                          int hour, int64_t age_ms)
{
    const struct sandbox_network *n = &sandbox_networks[network];
    struct sandbox_figures f = {{0}};
    uint64_t seed = sandbox_mix(sandbox_mix((uint64_t)account, (uint64_t)post), (uint64_t)network);
    if (age_ms <= 0)
        return f;
    if (age_ms > 3650 * DAY_MS)
        age_ms = 3650 * DAY_MS;
    int64_t quality = between(seed, 400, 1800);
    int64_t final = n->reach * quality / THOUSAND *
                    (400 + sandbox_hour(account, network, weekday, hour)) / THOUSAND;
    f.count[COUNT_IMPRESSIONS] = final * age_ms / (age_ms + n->half_ms);
    for (int i = COUNT_LIKES; i < COUNT_KINDS; i++) {
        int64_t liking = between(sandbox_mix(seed, (uint64_t)i), 500, 1500);
        f.count[i] = f.count[COUNT_IMPRESSIONS] * n->rate[i] * liking / (THOUSAND * THOUSAND);
    }
    return f;
}

int64_t sandbox_interactions(const struct sandbox_figures *f)
{
    int64_t sum = 0;
    for (int i = COUNT_LIKES; i < COUNT_KINDS; i++)
        sum += f->count[i];
    return sum;
}

void sandbox_engage(struct sandbox_figures *f, int64_t times)
{
    for (int i = COUNT_LIKES; i < COUNT_KINDS; i++)
        f->count[i] *= times;
}

int64_t sandbox_followers(int64_t account, int network, int64_t ms)
{
    uint64_t seed = sandbox_mix((uint64_t)account, (uint64_t)network + 1000);
    int64_t days = ms / DAY_MS - FOLLOWERS_SINCE_DAYS;
    int64_t tenths_a_day = between(sandbox_mix(seed, 2), 4, 38);
    return between(seed, 300, 4200) + (days > 0 ? days : 0) * tenths_a_day / 10;
}
