-- Ids of the last deliveries about jobs, as a ring: the slots are written in turn, so neighbouring
-- deliveries share a page. GUIDs are in no order, and an index of them would touch a page each.
CREATE TABLE recent (
    slot   INTEGER PRIMARY KEY,
    number INTEGER NOT NULL,
    id     BLOB    NOT NULL
);
