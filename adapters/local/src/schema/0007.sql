-- What series were in each hour of days that are over: a chart of a week or more reads these instead
-- of every minute. All of it can be told again from the minutes.
CREATE TABLE hour_series (
    id         INTEGER PRIMARY KEY,
    metric     TEXT NOT NULL,
    -- As in `series`, or fewer: then it is the sum of several series.
    dimensions TEXT NOT NULL,
    -- Whether its rows are there for every day that is told; otherwise for the busy ones.
    is_whole   INTEGER NOT NULL,
    UNIQUE (metric, dimensions)
);

CREATE TABLE hours (
    series    INTEGER NOT NULL REFERENCES hour_series (id),
    hour      INTEGER NOT NULL,
    samples   INTEGER NOT NULL,
    sum       INTEGER NOT NULL,
    max       INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    histogram TEXT,
    PRIMARY KEY (series, hour)
) WITHOUT ROWID;

-- All attempts at the jobs of a workflow run. Ids of runs rise, so a new job is written at the end.
CREATE INDEX jobs_run ON jobs (run);

-- The jobs of a repository, the latest first.
CREATE INDEX jobs_repository ON jobs (repository, closed_at) WHERE closed_at IS NOT NULL;
