-- Version 6: findings of the advisor that people accepted, and when segments were last used.

CREATE TABLE accepted (
    key      TEXT PRIMARY KEY,     -- of the finding
    reason   TEXT NOT NULL,
    author   TEXT NOT NULL,
    created  INTEGER NOT NULL,
    versions TEXT NOT NULL,        -- JSON: the versions of the segments that it is about, by their names
    measure  INTEGER NOT NULL      -- the figure that matters
) STRICT, WITHOUT ROWID;

-- The last day on which somebody asked for the members of a segment, or why they are.
CREATE TABLE segment_uses (
    segment INTEGER PRIMARY KEY,
    day     INTEGER NOT NULL       -- since 1970, in UTC
) STRICT;

-- What is declared has the base 7 for a dimension of a field or type of event: its name is
-- the path, the dimension the type.
