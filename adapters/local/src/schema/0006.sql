-- Ids of the last deliveries about jobs: one row for those of a transaction, and not one each.
CREATE TABLE recent_ids (
    -- Of the first of them; numbers rise by one with each delivery.
    number INTEGER PRIMARY KEY,
    -- 16 bytes each.
    ids    BLOB NOT NULL
);

INSERT INTO recent_ids (number, ids) SELECT number, id FROM recent;

DROP TABLE recent;

-- In a flood of deliveries, the sums of the open minute that are not written as points yet: one row
-- is less to write with each transaction than the rows of all series.
CREATE TABLE open_sums (
    minute INTEGER PRIMARY KEY,
    sums   TEXT NOT NULL
);
