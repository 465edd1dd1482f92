-- Version 1. Instants are milliseconds since 1970-01-01T00:00:00Z.

-- One row. The revision grows with each commit that can change an answer;
-- facts counts the facts other than events, in order of receipt.
CREATE TABLE state (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    facts    INTEGER NOT NULL
) STRICT;
INSERT INTO state VALUES (1, 0, 0);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Dictionaries: what repeats in every row has a small number.
CREATE TABLE namespaces (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE event_types (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL UNIQUE,
    given  TEXT NOT NULL,        -- JSON: the names that sources gave it, the first few
    events INTEGER NOT NULL      -- how many there are
) STRICT;
CREATE TABLE topics (            -- of consents
    id      INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    purpose TEXT NOT NULL,
    UNIQUE (channel, purpose)
) STRICT;

CREATE TABLE customers (
    id          INTEGER PRIMARY KEY,
    kind        INTEGER NOT NULL,  -- 0 a person, 1 a company
    name        TEXT NOT NULL,     -- the user id, else namespace:value of the first identity
    has_user    INTEGER NOT NULL,  -- 1 if it has an identity of the namespace user
    created     INTEGER NOT NULL,  -- when it was first received
    merged_into INTEGER            -- the customer for whom everything of this one counts
) STRICT;
CREATE INDEX customers_merged ON customers (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE identities (
    kind      INTEGER NOT NULL,  -- of the customer
    namespace INTEGER NOT NULL,
    value     TEXT NOT NULL,
    customer  INTEGER NOT NULL,  -- as it was when the identity was learnt; see merged_into
    received  INTEGER NOT NULL,
    source    INTEGER NOT NULL,
    PRIMARY KEY (kind, namespace, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_customer ON identities (customer);

CREATE TABLE merges (
    fact     INTEGER PRIMARY KEY,
    customer INTEGER NOT NULL,   -- who remained
    absorbed INTEGER NOT NULL,
    received INTEGER NOT NULL,
    source   INTEGER NOT NULL
) STRICT;

-- Fields seen: base 0 attributes of persons, 1 of companies, 2 properties of the event type.
-- The members of the objects of a list have the path list[].member.
CREATE TABLE fields (
    id       INTEGER PRIMARY KEY,
    base     INTEGER NOT NULL,
    event    INTEGER NOT NULL,
    path     TEXT NOT NULL,
    counts   TEXT NOT NULL,      -- JSON: how many values of each kind
    examples TEXT NOT NULL,      -- JSON: the first few different values
    UNIQUE (base, event, path)
) STRICT;

-- What people declared: base as above, 3 an event type, 4 a segment, 5 a score, 6 a consent.
CREATE TABLE declared (
    base  INTEGER NOT NULL,
    event TEXT NOT NULL,
    path  TEXT NOT NULL,
    type  TEXT NOT NULL,
    PRIMARY KEY (base, event, path)
) STRICT, WITHOUT ROWID;

-- The history of attributes. A fact is a customer, a field, a time and a value.
CREATE TABLE attributes (
    customer INTEGER NOT NULL,
    field    INTEGER NOT NULL,
    time     INTEGER NOT NULL,
    fact     INTEGER NOT NULL,
    value    TEXT,               -- JSON; NULL where the attribute was unset
    source   INTEGER NOT NULL,
    PRIMARY KEY (customer, field, time, fact)
) STRICT, WITHOUT ROWID;

CREATE TABLE joins (
    person  INTEGER NOT NULL,
    time    INTEGER NOT NULL,
    fact    INTEGER NOT NULL,
    company INTEGER NOT NULL,
    role    TEXT NOT NULL,
    source  INTEGER NOT NULL,
    PRIMARY KEY (person, time, fact)
) STRICT, WITHOUT ROWID;

CREATE TABLE consents (
    customer INTEGER NOT NULL,
    topic    INTEGER NOT NULL,
    time     INTEGER NOT NULL,
    fact     INTEGER NOT NULL,
    granted  INTEGER NOT NULL,
    source   INTEGER NOT NULL,
    PRIMARY KEY (customer, topic, time, fact)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    seq      INTEGER PRIMARY KEY,  -- in order of receipt
    customer INTEGER NOT NULL,
    type     INTEGER NOT NULL,
    time     INTEGER NOT NULL,
    received INTEGER NOT NULL,
    source   INTEGER NOT NULL,
    props    TEXT NOT NULL         -- a JSON object
) STRICT;

-- The keys of imported events; see package seen.
CREATE TABLE key_log (id INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;
CREATE TABLE key_runs (
    run    INTEGER PRIMARY KEY,
    level  INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    filter BLOB NOT NULL,
    fences BLOB NOT NULL
) STRICT;
CREATE TABLE key_chunks (id INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;

CREATE TABLE postcodes (
    country TEXT NOT NULL,
    code    TEXT NOT NULL,
    lat     REAL NOT NULL,
    lon     REAL NOT NULL,
    PRIMARY KEY (country, code)
) STRICT, WITHOUT ROWID;
