-- How each alarm stands, where it ever changed; the pool of an alarm about the whole fleet is ''.
CREATE TABLE alarms (
    alarm  TEXT    NOT NULL,
    pool   TEXT    NOT NULL,
    state  TEXT    NOT NULL,
    since  INTEGER NOT NULL,
    -- JSON: the change that brought it there.
    change TEXT    NOT NULL,
    PRIMARY KEY (alarm, pool)
) WITHOUT ROWID;

-- How alarms came to stand as they do, in the order in which it was found out.
CREATE TABLE alarm_changes (
    number INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    alarm  TEXT    NOT NULL,
    pool   TEXT    NOT NULL,
    state  TEXT    NOT NULL,
    change TEXT    NOT NULL
);

CREATE INDEX alarm_changes_at ON alarm_changes (at);

-- Texts that belong to the file as a whole: whom was told what of which incident.
CREATE TABLE texts (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Notifications on their way. One that is done is kept for a while to be looked at.
CREATE TABLE outbox (
    -- Rises with time: they are sent in this order.
    number   INTEGER PRIMARY KEY,
    -- The same at each attempt, so that a receiver knows a repetition.
    id       TEXT    NOT NULL UNIQUE,
    target   TEXT    NOT NULL,
    made_at  INTEGER NOT NULL,
    -- JSON: what is said.
    message  TEXT    NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Not tried before this.
    next_at  INTEGER NOT NULL,
    -- Why the last attempt failed.
    trouble  TEXT,
    -- NULL while it is on its way; then 1 delivered, 0 given up.
    outcome  INTEGER,
    done_at  INTEGER
);

CREATE INDEX outbox_pending ON outbox (target, number) WHERE outcome IS NULL;
CREATE INDEX outbox_done ON outbox (done_at) WHERE outcome IS NOT NULL;
