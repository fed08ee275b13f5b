-- Instants are milliseconds since the Unix epoch; minutes are minutes since it.

-- Ids of accepted deliveries, in the order of their receipt, so that a redelivery is known.
CREATE TABLE deliveries (
    number      INTEGER PRIMARY KEY,
    id          BLOB    NOT NULL UNIQUE,
    received_at INTEGER NOT NULL
);

CREATE TABLE pools (
    id          INTEGER PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE,
    -- Distinct jobs in the retained history.
    queued      INTEGER NOT NULL DEFAULT 0,
    started     INTEGER NOT NULL DEFAULT 0,
    completed   INTEGER NOT NULL DEFAULT 0,
    -- When the newest event happened, as GitHub states it, not later than its receipt.
    newest_at   INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE jobs (
    job                INTEGER NOT NULL,
    attempt            INTEGER NOT NULL,
    run                INTEGER NOT NULL,
    pool               INTEGER NOT NULL REFERENCES pools (id),
    routed             INTEGER NOT NULL,
    repository         TEXT    NOT NULL,
    name               TEXT    NOT NULL,
    workflow           TEXT,
    branch             TEXT,
    url                TEXT,
    -- JSON list: a label may hold a comma.
    labels             TEXT    NOT NULL,
    seen               INTEGER NOT NULL,
    created_at         INTEGER,
    queued_received_at INTEGER,
    asked_at           INTEGER,
    -- 0: not started, 1: as completed tells, 2: as in_progress tells.
    started            INTEGER NOT NULL,
    started_at         INTEGER,
    completed_at       INTEGER,
    conclusion         TEXT,
    runner             TEXT,
    runner_group       TEXT,
    updated_at         INTEGER NOT NULL,
    expired            INTEGER NOT NULL,
    -- Derived, for the indexes below.
    -- 0 held, 1 waiting, 2 running; NULL when the job is no longer open.
    open_stage         INTEGER,
    -- When it entered that stage: by receipt.
    open_since         INTEGER,
    closed_at          INTEGER,
    wait_secs          INTEGER,
    PRIMARY KEY (job, attempt)
) WITHOUT ROWID;

CREATE INDEX jobs_open   ON jobs (open_stage, pool, open_since) WHERE open_stage IS NOT NULL;
CREATE INDEX jobs_closed ON jobs (pool, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX jobs_waited ON jobs (pool, started_at, wait_secs) WHERE wait_secs IS NOT NULL;

CREATE TABLE series (
    id         INTEGER PRIMARY KEY,
    metric     TEXT NOT NULL,
    -- JSON object of dimension values, in the order of the catalogue.
    dimensions TEXT NOT NULL,
    UNIQUE (metric, dimensions)
);

CREATE TABLE points (
    series    INTEGER NOT NULL REFERENCES series (id),
    minute    INTEGER NOT NULL,
    samples   INTEGER NOT NULL,
    sum       INTEGER NOT NULL,
    max       INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    -- A distribution as JSON, of timings.
    histogram TEXT,
    PRIMARY KEY (series, minute)
) WITHOUT ROWID;

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
