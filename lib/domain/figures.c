/* figures.c: sums, rates, trends and pace. Periods and time series are in period.c; how answers
 * look, in analytics.c. */
#include "domain/figures.h"

#include <assert.h>
#include <math.h>

void figures_add(struct figures *to, const struct figures *f)
{
    to->posts += f->posts;
    to->impressions += f->impressions;
    to->engagements += f->engagements;
    to->clicks += f->clicks;
}

/* a / b, b positive, rounded half away from zero. */
static int64_t divide(__int128 a, int64_t b)
{
    __int128 half = a < 0 ? -(__int128)b : b;
    return (int64_t)((2 * a + half) / (2 * (__int128)b));
}

static double two_decimals(double x)
{
    return round(x * 100) / 100;
}

int64_t figures_hundredths(int64_t part, int64_t whole)
{
    return whole > 0 ? divide((__int128)part * 10000, whole) : 0;
}

double figures_percent(int64_t part, int64_t whole)
{
    return (double)figures_hundredths(part, whole) / 100;
}

double figures_rate(const struct figures *f)
{
    return figures_percent(f->engagements, f->impressions);
}

int64_t figures_cents(int64_t microcents)
{
    return divide(microcents, MICROCENTS_PER_CENT);
}

/* How many parts have a remainder above this one? */
static int64_t remainders_above(const int64_t *microcents, size_t n, int64_t remainder)
{
    int64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += microcents[i] % MICROCENTS_PER_CENT > remainder;
    return count;
}

/* The least remainder that fewer than `left` are above, or as many. */
static int64_t threshold(const int64_t *microcents, size_t n, int64_t left)
{
    int64_t low = 0, high = MICROCENTS_PER_CENT;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (remainders_above(microcents, n, middle) <= left)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void figures_split_cents(const int64_t *microcents, int64_t *cents, size_t n)
{
    int64_t sum = 0, left, least;
    for (size_t i = 0; i < n; i++) {
        assert(microcents[i] >= 0);
        sum += microcents[i];
        cents[i] = microcents[i] / MICROCENTS_PER_CENT;
    }
    left = figures_cents(sum);
    for (size_t i = 0; i < n; i++)
        left -= cents[i];
    least = threshold(microcents, n, left);
    left -= remainders_above(microcents, n, least); /* for those that just reach it */
    for (size_t i = 0; i < n; i++) {
        int64_t remainder = microcents[i] % MICROCENTS_PER_CENT;
        bool gets = remainder > least || (remainder == least && left > 0);
        left -= remainder == least && gets;
        cents[i] += gets;
    }
}

struct trend trend_of(double current, double previous)
{
    struct trend t = {.current = current, .previous = previous, .change_percent = NAN};
    if (previous != 0)
        t.change_percent = two_decimals((current - previous) / fabs(previous) * 100);
    t.direction = current > previous   ? DIRECTION_UP
                  : current < previous ? DIRECTION_DOWN
                                       : DIRECTION_FLAT;
    return t;
}

double share_passed(int64_t starts_ms, int64_t ends_ms, int64_t now_ms)
{
    if (now_ms >= ends_ms)
        return 1;
    if (now_ms <= starts_ms)
        return 0;
    return (double)(now_ms - starts_ms) / (double)(ends_ms - starts_ms);
}

/* The figure that a KPI looks at. */
static double kpi_current(enum kpi_metric metric, const struct kpi_sums *sums)
{
    const struct figures *f = &sums->figures;
    switch (metric) {
    case KPI_ENGAGEMENT_RATE:
        return figures_rate(f);
    case KPI_IMPRESSIONS:
        return (double)f->impressions;
    case KPI_ENGAGEMENTS:
        return (double)f->engagements;
    case KPI_LINK_CLICKS:
        return (double)f->clicks;
    case KPI_POSTS_PUBLISHED:
        return (double)f->posts;
    case KPI_COST_PER_ENGAGEMENT:
        return f->engagements > 0 ? two_decimals((double)sums->microcents / MICROCENTS_PER_CENT /
                                                 (double)f->engagements)
                                  : 0;
    case KPI_FOLLOWERS_GAINED:
        return (double)sums->followers_gained;
    case KPI_METRIC_NONE:
        break;
    }
    return 0;
}

/* Of a figure that is to stay below its target: without engagements there is none to judge. */
static void judge_cost(struct kpi_progress *p, const struct figures *f)
{
    if (f->engagements <= 0)
        return;
    p->on_track = p->current <= p->target;
    p->progress_percent = p->on_track ? 100 : two_decimals(p->target / p->current * 100);
}

struct kpi_progress kpi_progress_of(const struct kpi *k, const struct kpi_sums *sums, double passed)
{
    enum kpi_metric metric = (enum kpi_metric)k->metric;
    struct kpi_progress p = {
        .metric = k->metric,
        .target = k->target,
        .current = kpi_current(metric, sums),
    };
    double due = metric == KPI_ENGAGEMENT_RATE ? 1 : passed; /* a rate does not pile up */
    if (metric == KPI_COST_PER_ENGAGEMENT) {
        judge_cost(&p, &sums->figures);
        return p;
    }
    p.on_track = p.current >= p.target * due;
    if (p.target <= 0)
        p.progress_percent = 100;
    else if (p.current > 0)
        p.progress_percent = two_decimals(p.current / p.target * 100);
    return p;
}
