/* app.h: what a process has: made once at its start, the same for all its requests and jobs. */
#ifndef AMP_FRAME_APP_H
#define AMP_FRAME_APP_H

#include "auth/keys.h"
#include "base/config.h"
#include "db/db.h"
#include "frame/answers.h"
#include "http/route.h"

struct app {
    struct arena *process; /* lives as long as the process */
    const struct config *config;
    struct config_watch watch; /* of its file */
    struct shm *shm;
    struct db *db;
    struct key_cache *keys;
    struct answers *answers; /* NULL: switched off */
    struct issuer *issuer;   /* net/issuer.h */
    route_tables routes;     /* of api/ */
    int64_t looked_ms;       /* when the shared memory was last looked after */
    struct str *openapi;     /* the document of them, once somebody asked for it; else none */
};

#endif
