-- When a job's `in_progress` was received: levels of a time that is over are told from here.
ALTER TABLE jobs ADD COLUMN running_since INTEGER;

-- Ids of imported deliveries that tell of no job. Unlike those of `deliveries` they are kept: a
-- file can be imported again years later.
CREATE TABLE imported (
    id BLOB PRIMARY KEY
) WITHOUT ROWID;
