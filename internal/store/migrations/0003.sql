-- Version 3: the log of transitions in chapters, so that questions about the past
-- need not read all of it.

-- A chapter sums up a stretch of the log. What comes after the last one is read from the log itself.
CREATE TABLE chapters (
    id   INTEGER PRIMARY KEY,      -- 1, 2, and so on
    last INTEGER NOT NULL          -- the seq of its last transition
) STRICT;

-- What a chapter has about a segment; no row if nothing happened there.
CREATE TABLE chapter_segments (
    segment  INTEGER NOT NULL,
    chapter  INTEGER NOT NULL,
    earliest INTEGER NOT NULL,     -- the earliest due among its transitions
    reached  INTEGER NOT NULL,     -- the latest due in the segment up to the end of the chapter
    bytes    INTEGER NOT NULL,     -- of changes since the members were kept before; these included
    changes  INTEGER NOT NULL,     -- the transitions: their row in chapter_data
    members  INTEGER NOT NULL,     -- who is in after the chapter: the row in chapter_data; 0 if not kept
    PRIMARY KEY (segment, chapter)
) STRICT, WITHOUT ROWID;

CREATE TABLE chapter_data (
    id   INTEGER PRIMARY KEY,
    data BLOB NOT NULL             -- as package chapter writes changes, or a Roaring bitmap of customers
) STRICT;
