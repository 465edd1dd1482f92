-- Version 2: segments and who is in them, transitions and who is told of them, keys of the interfaces.

-- evaluated is the revision up to which memberships follow the data, clock the
-- instant up to which they follow time.
ALTER TABLE state ADD COLUMN evaluated INTEGER NOT NULL DEFAULT 0;
ALTER TABLE state ADD COLUMN clock INTEGER NOT NULL DEFAULT 0;

-- The type that the catalogue gives a field, by its number; 0 until it is first written.
ALTER TABLE fields ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;

CREATE TABLE segments (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,      -- the latest
    active  INTEGER NOT NULL,      -- the version that decides who is in; 0 while the first one is filled
    deleted INTEGER NOT NULL       -- 1 after it was removed; its transitions stay
) STRICT;

CREATE TABLE segment_versions (
    segment INTEGER NOT NULL,
    version INTEGER NOT NULL,
    rule    TEXT NOT NULL,         -- in canonical form
    created INTEGER NOT NULL,
    PRIMARY KEY (segment, version)
) STRICT, WITHOUT ROWID;

-- The log of entries and exits, in the order in which they became known.
CREATE TABLE transitions (
    seq       INTEGER PRIMARY KEY,
    segment   INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    customer  INTEGER NOT NULL,
    entered   INTEGER NOT NULL,    -- 1 an entry, 0 an exit
    due       INTEGER NOT NULL,    -- when it became true
    committed INTEGER NOT NULL,    -- when it was noticed
    cause     INTEGER NOT NULL,    -- 0 an event, 1 time, 2 an edit, 3 a merge, 4 an erasure, 5 an import
    part      INTEGER NOT NULL     -- the deciding condition: its number among the conditions of the version's rule; -1 none
) STRICT;

-- Who is in now: the log, summed up.
CREATE TABLE members (
    segment  INTEGER NOT NULL,
    customer INTEGER NOT NULL,
    since    INTEGER NOT NULL,     -- when the entry became true
    PRIMARY KEY (segment, customer)
) STRICT, WITHOUT ROWID;

-- The earliest instant at which time alone can change a membership of a
-- customer. It may be too early, never too late.
CREATE TABLE timers (
    customer INTEGER PRIMARY KEY,
    due      INTEGER NOT NULL
) STRICT;

CREATE TABLE webhooks (
    id       INTEGER PRIMARY KEY,
    name     TEXT NOT NULL UNIQUE,
    url      TEXT NOT NULL,
    segments TEXT NOT NULL,        -- JSON: the ids of the segments whose transitions it gets; [] for all
    secrets  TEXT NOT NULL,        -- JSON: the newest first; each signs
    private  INTEGER NOT NULL,     -- 1 if the address may be a private one
    disabled TEXT NOT NULL,        -- why nothing is sent; '' while it is
    created  INTEGER NOT NULL
) STRICT;

-- What is still to be delivered, and what was given up.
CREATE TABLE outbox (
    webhook  INTEGER NOT NULL,
    seq      INTEGER NOT NULL,     -- of the transition
    customer INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    due      INTEGER NOT NULL,     -- when to try next; the last instant there is for one that waits behind the customer's first
    dead     INTEGER NOT NULL,     -- 1 if it was given up
    PRIMARY KEY (webhook, seq)
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_due ON outbox (webhook, dead, due);           -- which are due
CREATE INDEX outbox_customer ON outbox (webhook, customer, dead); -- the first of a customer

CREATE TABLE deliveries (
    id       INTEGER PRIMARY KEY,
    webhook  INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    attempt  INTEGER NOT NULL,     -- from 1
    at       INTEGER NOT NULL,
    millis   INTEGER NOT NULL,     -- how long it took
    status   INTEGER NOT NULL,     -- of HTTP; 0 if there was no answer
    error    TEXT NOT NULL
) STRICT;
CREATE INDEX deliveries_webhook ON deliveries (webhook, id);

CREATE TABLE api_keys (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL UNIQUE,
    scope   TEXT NOT NULL,         -- write: send calls; read: read transitions
    hash    BLOB NOT NULL UNIQUE,  -- SHA-256 of the key
    created INTEGER NOT NULL
) STRICT;

-- Calls that were accepted and make no sense, so that nothing is lost.
CREATE TABLE rejected_calls (
    id       INTEGER PRIMARY KEY,
    received INTEGER NOT NULL,
    reason   TEXT NOT NULL,
    body     TEXT NOT NULL
) STRICT;
