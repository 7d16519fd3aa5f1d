/* serve.h: the sandbox as a program's service. */
#ifndef AMP_SANDBOX_SERVE_H
#define AMP_SANDBOX_SERVE_H

#include "base/config.h"
#include "http/gateway.h"
#include "sandbox/ledger.h"

struct sandbox {
    const struct config *config;
    struct ledger *ledger;
};

/* A gateway's service that answers as Metricool does. The sandbox is borrowed. */
struct service sandbox_service(struct sandbox *s);

#endif
