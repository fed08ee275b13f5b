-- When jobs were queued, in order: what a model of the demand learns from after a restart. Times of
-- receipt rise, so a new job is written at the end of its pool.
CREATE INDEX jobs_queued ON jobs (pool, queued_received_at) WHERE queued_received_at IS NOT NULL;

-- What the scaler decided, where it changed something or for other reasons than before.
CREATE TABLE decisions (
    -- Rises with time, so the oldest are the first.
    number   INTEGER PRIMARY KEY,
    pool     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    is_real  INTEGER NOT NULL,
    -- Whether it changes something, or something stood in its way.
    notable  INTEGER NOT NULL,
    -- JSON: what was known and what was planned.
    snapshot TEXT    NOT NULL,
    plan     TEXT    NOT NULL
);

CREATE INDEX decisions_pool ON decisions (pool, at);
CREATE INDEX decisions_at ON decisions (at);
