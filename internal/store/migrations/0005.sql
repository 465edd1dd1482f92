-- Exports on a schedule: what is written where and when, and what became of it.

CREATE TABLE exports (
    id        INTEGER PRIMARY KEY AUTOINCREMENT, -- never given to another one, to which a run under way would count
    name      TEXT NOT NULL UNIQUE,
    version   INTEGER NOT NULL,    -- grows with each change of what people say of it
    segment   TEXT NOT NULL,       -- by its name, so that one that is defined anew is found
    columns   TEXT NOT NULL,
    file      TEXT NOT NULL,       -- the pattern of its name, below the directory of exports
    schedule  TEXT NOT NULL,
    keep      INTEGER NOT NULL,    -- the newest files that stay; 0 for all
    german    INTEGER NOT NULL,
    raw       INTEGER NOT NULL,
    paused    INTEGER NOT NULL,
    created   INTEGER NOT NULL,
    settled   INTEGER NOT NULL,    -- what was due up to then is done, or not wanted
    succeeded INTEGER NOT NULL,    -- when the last run that went well ended; 0: never
    failures  INTEGER NOT NULL,    -- in a row
    retry     INTEGER NOT NULL     -- when it is tried again after a failure
) STRICT;

-- A run is here once its file is in its place, or once it failed.
CREATE TABLE export_runs (
    id      INTEGER PRIMARY KEY,
    export  INTEGER NOT NULL,
    due     INTEGER NOT NULL,
    began   INTEGER NOT NULL,
    ended   INTEGER NOT NULL,
    manual  INTEGER NOT NULL,      -- 1 if somebody asked for it
    file    TEXT NOT NULL,         -- below the directory of exports; '' if it failed
    dropped INTEGER NOT NULL,      -- 1 once the file was removed, since newer ones are there
    rows    INTEGER NOT NULL,
    cut     INTEGER NOT NULL,      -- texts that were longer than a cell
    error   TEXT NOT NULL          -- '' if it went well
) STRICT;
CREATE INDEX export_runs_by_export ON export_runs (export, id);
