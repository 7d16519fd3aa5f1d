-- Who is signed in, what signs their tokens, and who failed to sign in.

CREATE TABLE IF NOT EXISTS session (
    id           CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    user_id      CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    home_id      CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- its tenant, unless X-Tenant-ID says otherwise
    livemode     BOOLEAN NOT NULL,
    family_hash  BINARY(32) NOT NULL, -- SHA-256 of what all its refresh tokens begin with
    refresh_hash BINARY(32) NOT NULL, -- SHA-256 of the one that is good now
    expires_ms   BIGINT NOT NULL,     -- unless it is refreshed before
    created_ms   BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY family (family_hash),
    KEY of_user (user_id, id),
    KEY by_end (expires_ms)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The newest signs; the others verify until what they signed has expired.
CREATE TABLE IF NOT EXISTS signing_key (
    id         CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- the kid of tokens
    sealed     VARBINARY(128) NOT NULL,
    sealed_by  SMALLINT AS (ORD(sealed)) VIRTUAL, -- its first byte: the number of the key
    retired_ms BIGINT NULL,             -- since when another one signs
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    KEY by_end (retired_ms),
    KEY by_seal (sealed_by)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Windows of failures, each opened by its first one.
CREATE TABLE IF NOT EXISTS login_failure (
    account   BINARY(32) NOT NULL, -- SHA-256 of the e-mail address, whether there is such a user or not
    opened_ms BIGINT NOT NULL,
    n         INT UNSIGNED NOT NULL,
    PRIMARY KEY (account),
    KEY by_age (opened_ms)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Identity tokens that have signed somebody in: none does so twice.
CREATE TABLE IF NOT EXISTS spent_token (
    token_hash BINARY(32) NOT NULL, -- SHA-256 of what its issuer has signed
    expires_ms BIGINT NOT NULL,     -- then it is no good anyway
    PRIMARY KEY (token_hash),
    KEY by_end (expires_ms)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
