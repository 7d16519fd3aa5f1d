-- How many requests each host has counted, for hosts that share a limit. Tenants stand as hashes.

CREATE TABLE IF NOT EXISTS rate_window (
    owner    BIGINT UNSIGNED NOT NULL, -- hash of tenant and mode
    host     CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    opened_s BIGINT NOT NULL,          -- Unix time of the window's first request
    n        BIGINT NOT NULL,
    PRIMARY KEY (owner, host),
    KEY by_age (opened_s)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
