-- Tenants, the people in them, and the keys that speak for them.

CREATE TABLE IF NOT EXISTS tenant (
    id         CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name       VARCHAR(200) NOT NULL,
    slug       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    plan       TINYINT UNSIGNED NOT NULL, -- 1 free, 2 pro, 3 enterprise
    rate_limit INT UNSIGNED NULL,         -- requests a minute; NULL: the plan's
    suspended  BOOLEAN NOT NULL DEFAULT FALSE,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY slug (slug)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS user (
    id            CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    email         VARCHAR(254) NOT NULL,  -- lower case
    name          VARCHAR(200) NOT NULL,
    password_hash VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL, -- Argon2id, PHC form
    is_operator   BOOLEAN NOT NULL DEFAULT FALSE, -- of the installation
    proved        BOOLEAN NOT NULL DEFAULT FALSE, -- the address is theirs: an issuer or the command line says so
    created_ms    BIGINT NOT NULL,
    updated_ms    BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY email (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS membership (
    tenant_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    user_id    CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    role       TINYINT UNSIGNED NOT NULL, -- 1 viewer, 2 approver, 3 operator, 4 admin
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    KEY of_user (user_id, tenant_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS api_key (
    tenant_id    CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    id           CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    key_hash     BINARY(32) NOT NULL,      -- SHA-256 of the key
    key_prefix   CHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name         VARCHAR(200) NOT NULL,
    scopes       INT UNSIGNED NOT NULL,    -- bits
    livemode     BOOLEAN NOT NULL,
    created_by   CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
    last_used_ms BIGINT NULL,
    expires_ms   BIGINT NULL,
    rotated_ms   BIGINT NULL,              -- when another key took its place
    created_ms   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE KEY hash (key_hash),
    KEY by_id (id),
    KEY by_end (expires_ms)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Test mode may stop and move its clock.
CREATE TABLE IF NOT EXISTS test_clock (
    tenant_id  CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    clock_ms   BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    PRIMARY KEY (tenant_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
