/* store/mission.h: the tables mission, mission_count and stage, in the context's tenant and mode.
 */
#ifndef AMP_STORE_MISSION_H
#define AMP_STORE_MISSION_H

#include "base/ctx.h"
#include "base/page.h"
#include "domain/job.h"
#include "domain/mission.h"

/* The mission, unless it is deleted: ERR_NOT_FOUND. */
error store_mission_get(struct ctx *c, const struct id *id, struct mission *out);

/* Missions by id, deleted ones too, at most PAGE_MAX, in no order. */
error store_missions_by_id(struct ctx *c, const struct id *const *ids, size_t n, struct list *out);

/* The same, deleted or not, and its row locked until the transaction ends. */
error store_mission_lock(struct ctx *c, const struct id *id, struct mission *out);

/* One page, newest first, and how many there are in all, as of one moment: one statement, or a
 * snapshot of two where a later page is empty. Not within a transaction. *more: are there others in
 * the direction of travel? */
error store_mission_page(struct ctx *c, const struct mission_filter *f, const struct page *page,
                         struct list *out, bool *more, int64_t *total);

/* Row and count: two statements. */
error store_mission_insert(struct ctx *c, const struct mission *m);

/* Writes everything a PUT may change of a locked mission; counts follow from `old_set`. */
error store_mission_update(struct ctx *c, const struct mission *m, int64_t old_set);

/* Conditional change of state with its reason; counts follow. ERR_INVALID_STATE: somebody was
 * faster. */
error store_mission_move(struct ctx *c, const struct mission *m, enum mission_status to,
                         struct str reason);

/* Gives the mission its pipeline job. */
error store_mission_set_job(struct ctx *c, const struct id *mission, const struct id *job);

/* How many missions are active. */
error store_mission_active(struct ctx *c, int64_t *out);

/* What a stage of a mission's pipeline worked from (none: what the one before it found out), and
 * what it found out. */
error store_stage_put(struct ctx *c, const struct id *mission, enum stage stage, struct str input,
                      struct str output);
error store_stage_get(struct ctx *c, const struct id *mission, enum stage stage,
                      struct str *output); /* ERR_NOT_FOUND */
/* When its output was stored last; 0: it has none. */
error store_stage_time(struct ctx *c, const struct id *mission, enum stage stage, int64_t *ms);
error store_stage_clear(struct ctx *c, const struct id *mission); /* all of them */
/* Of this stage and those after it. */
error store_stage_clear_from(struct ctx *c, const struct id *mission, enum stage first);

/* A stage's row; no output: it has none yet. */
struct stage_row {
    int stage;
    struct str input, output;
    int64_t started_ms, updated_ms; /* when its output was stored first, and last */
};
error store_stages(struct ctx *c, const struct id *mission, struct stage_row out[STAGE_COUNT]);

#endif
