-- Work to be done, and the ledger of what it cost.

CREATE TABLE IF NOT EXISTS job (
    tenant_id       CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode        BOOLEAN NOT NULL,
    id              CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    type            TINYINT UNSIGNED NOT NULL,
    ref_id          CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- mission or content
    mission_id      CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,     -- whose it is
    state           TINYINT UNSIGNED NOT NULL, -- 1 open, 2 done, 3 dead, 4 cancelled
    run_ms          BIGINT NOT NULL,           -- due, on the tenant's clock
    locked_until_ms BIGINT NOT NULL DEFAULT 0, -- real time; nobody else may take it before
    due_ms          BIGINT GENERATED ALWAYS AS (GREATEST(run_ms, locked_until_ms)) STORED,
    lease           BIGINT UNSIGNED NOT NULL DEFAULT 0, -- of who has it; 0: it was given back
    stage           TINYINT UNSIGNED NOT NULL DEFAULT 0,
    attempts        INT NOT NULL DEFAULT 0,
    abandoned       INT NOT NULL DEFAULT 0,    -- how often in a row nobody gave it back
    progress        INT NOT NULL DEFAULT 0,    -- percent
    last_error      VARCHAR(1000) NULL,
    created_ms      BIGINT NOT NULL,
    updated_ms      BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, id),
    UNIQUE KEY ref (tenant_id, livemode, ref_id, type),
    KEY due (state, due_ms),
    KEY due_of_tenant (tenant_id, livemode, state, run_ms), -- for stopped clocks, which alone decide
    KEY due_of_type (tenant_id, livemode, state, type, due_ms), -- what goes together, and counts
    KEY by_mission (tenant_id, livemode, mission_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Every call of a provider. What may cost something is entered before it is made, with the most that
-- it can cost.
CREATE TABLE IF NOT EXISTS cost (
    tenant_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode   BOOLEAN NOT NULL,
    id         CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    mission_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL, -- none: of the tenant
    content_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    job_id     CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    category   TINYINT UNSIGNED NOT NULL,  -- 1 generation, 2 images, 3 publishing
    state      TINYINT UNSIGNED NOT NULL,  -- 1 reserved, 2 booked, 3 unclear (booked at its most)
    provider   VARCHAR(64) NOT NULL,
    model      VARCHAR(200) NOT NULL,
    tokens_in  BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    reserved   BIGINT NOT NULL DEFAULT 0,  -- microcents: the most that it was to cost
    microcents BIGINT NOT NULL,            -- what it cost; 0 while reserved
    spent_ms   BIGINT NOT NULL,
    call_key   CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL, -- of what was asked
    answer     MEDIUMTEXT NULL,            -- until it is used
    expires_ms BIGINT NULL,                -- real time; of a reservation, or of an unused answer
    PRIMARY KEY (tenant_id, livemode, id),
    UNIQUE KEY call_key (tenant_id, livemode, call_key),
    KEY by_time (tenant_id, livemode, spent_ms, id),
    KEY by_content (tenant_id, livemode, content_id),
    KEY expiring (state, expires_ms)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What a mission has spent, and what its calls under way may yet spend, in microcents.
CREATE TABLE IF NOT EXISTS budget (
    tenant_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode   BOOLEAN NOT NULL,
    mission_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    spent      BIGINT NOT NULL DEFAULT 0,
    reserved   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, livemode, mission_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What was spent on a day, of a mission, and of all missions ('0000000000000000'): sums of the
-- ledger's calls that are booked, or unclear and so taken for booked.
CREATE TABLE IF NOT EXISTS cost_day (
    tenant_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode   BOOLEAN NOT NULL,
    mission_id CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    day        INT NOT NULL, -- since 1970, UTC
    category   TINYINT UNSIGNED NOT NULL,
    provider   VARCHAR(64) NOT NULL,
    model      VARCHAR(200) NOT NULL,
    calls      BIGINT NOT NULL,
    tokens_in  BIGINT NOT NULL,
    tokens_out BIGINT NOT NULL,
    microcents BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, mission_id, day, category, provider, model),
    KEY by_day (tenant_id, livemode, day, mission_id, microcents)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- How a provider of texts has been doing, for a tenant: the circuit breaker that all workers share.
CREATE TABLE IF NOT EXISTS writer (
    tenant_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    livemode   BOOLEAN NOT NULL,
    name       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    failures   INT NOT NULL,       -- in a row
    pause_ms   BIGINT NULL,        -- real time: not to be called before
    problem    VARCHAR(1000) NULL, -- the last one
    model      VARCHAR(200) NOT NULL DEFAULT '', -- that the rest is about
    proven     BOOLEAN NOT NULL DEFAULT FALSE,   -- it has been charged as agreed
    dear       INT NOT NULL DEFAULT 100,         -- percent of the agreed that it may charge
    updated_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, livemode, name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
