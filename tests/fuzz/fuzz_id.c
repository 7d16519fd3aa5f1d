/* fuzz_id.c: short texts that stand for something: ids, numbers, times, dates, zones, keys. What a
 * parser takes is printed again as it was, or as the one notation of the same thing. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/id.h"
#include "base/log.h"
#include "domain/calendar.h"
#include "http/request.h"
#include "target.h"

enum { SECRET_MAX = 64 };

static void check_id(struct str text)
{
    struct str prefix = str_sub(text, 0, ID_TEXT - ID_LEN);
    char printed[ID_TEXT + 1];
    struct id id, same_time;
    if (!id_parse(text, prefix, &id)) {
        assert(text.n != ID_TEXT || !id_is_base62(str_sub(text, ID_TEXT - ID_LEN, ID_LEN)));
        return;
    }
    assert(str_eq(id_print(printed, prefix, &id), text));
    assert(!id_is_none(&id) && id_eq(&id, &id));
    same_time = id_floor(id_ms(&id));
    assert(id_cmp(&same_time, &id) <= 0);
    assert(id_ms(&same_time) == id_ms(&id));
}

static void check_int(struct str text)
{
    int64_t value;
    char printed[32];
    if (!str_int(text, &value))
        return;
    snprintf(printed, sizeof printed, "%" PRId64, value);
    assert(str_eq(str_of(printed), text));
}

static void check_civil(int64_t ms)
{
    struct civil t = civil_of(ms);
    assert(civil_ms(&t) == ms - ms % 1000);
}

static void check_time(struct str text)
{
    char printed[TIME_TEXT + 1], date[DATE_TEXT + 1];
    int64_t ms, again;
    if (time_parse(text, &ms)) {
        assert(ms >= 0);
        assert(time_parse(time_print(printed, ms), &again));
        assert(again == ms - ms % 1000);
        check_civil(ms);
    }
    if (date_parse(text, &ms)) {
        assert(str_eq(date_print(date, ms), text));
        assert(ms % DAY_MS == 0);
        check_civil(ms);
    }
}

static void check_time_of_day(struct str text)
{
    int minutes = time_of_day(text);
    char printed[32];
    assert(minutes >= -1 && minutes < 24 * 60);
    if (minutes < 0)
        return;
    snprintf(printed, sizeof printed, "%02d:%02d", minutes / 60, minutes % 60);
    assert(str_eq(str_of(printed), text));
}

/* A known zone has a local time now, and that leads back to it. */
static void check_zone(struct str text)
{
    const int64_t now_ms = INT64_C(1767225600000);
    struct civil local;
    int offset_s;
    if (!zone_known(text))
        return;
    zone_civil(text, now_ms, &local, &offset_s);
    assert(zone_instant(text, &local) == now_ms);
    assert(civil_ms(&local) == now_ms + offset_s * INT64_C(1000));
}

static void check_base64(struct arena *a, struct str text)
{
    unsigned char bytes[SECRET_MAX];
    size_t n;
    if (!crypto_base64_decode(text, bytes, sizeof bytes, &n))
        return;
    assert(n <= sizeof bytes);
    assert(str_eq(crypto_base64(a, (struct str){(const char *)bytes, n}), text));
}

static void check_names(struct str text)
{
    enum method method = method_parse(text);
    enum log_level level;
    if (method != METHOD_NONE)
        assert(str_eq(method_name(method), text));
    (void)log_level_parse(text, &level);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = input_arena();
    struct str text = input_text(data, size);
    crypto_init();
    check_id(text);
    check_int(text);
    check_time(text);
    check_time_of_day(text);
    check_zone(text);
    check_base64(a, text);
    check_names(text);
    return 0;
}
