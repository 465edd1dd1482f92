-- A workspace of version 1 of the format. Never edit this file.
PRAGMA application_id = 1263487055;
PRAGMA user_version = 1;
CREATE TABLE state (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    revision INTEGER NOT NULL,
    facts    INTEGER NOT NULL
) STRICT;
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
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
CREATE TABLE fields (
    id       INTEGER PRIMARY KEY,
    base     INTEGER NOT NULL,
    event    INTEGER NOT NULL,
    path     TEXT NOT NULL,
    counts   TEXT NOT NULL,      -- JSON: how many values of each kind
    examples TEXT NOT NULL,      -- JSON: the first few different values
    UNIQUE (base, event, path)
) STRICT;
CREATE TABLE declared (
    base  INTEGER NOT NULL,
    event TEXT NOT NULL,
    path  TEXT NOT NULL,
    type  TEXT NOT NULL,
    PRIMARY KEY (base, event, path)
) STRICT, WITHOUT ROWID;
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
INSERT INTO state VALUES (1, 1, 11);
INSERT INTO namespaces VALUES (1, 'user');
INSERT INTO namespaces VALUES (2, 'email');
INSERT INTO namespaces VALUES (3, 'anonymous');
INSERT INTO namespaces VALUES (4, 'company');
INSERT INTO sources VALUES (1, 'crm');
INSERT INTO sources VALUES (2, 'shop');
INSERT INTO sources VALUES (3, 'form');
INSERT INTO sources VALUES (4, 'web');
INSERT INTO event_types VALUES (1, 'order_completed', '["Order Completed"]', 1);
INSERT INTO event_types VALUES (2, 'page_viewed', '[]', 1);
INSERT INTO topics VALUES (1, 'email', 'newsletter');
INSERT INTO customers VALUES (1, 0, 'anna', 1, 1795262400000, NULL);
INSERT INTO customers VALUES (2, 0, 'anonymous:d1', 0, 1795262400000, 1);
INSERT INTO customers VALUES (3, 1, 'company:acme', 0, 1795262400000, NULL);
INSERT INTO identities VALUES (0, 1, 'anna', 1, 1795262400000, 1);
INSERT INTO identities VALUES (0, 2, 'anna@example.de', 1, 1795262400000, 1);
INSERT INTO identities VALUES (0, 3, 'd1', 2, 1795262400000, 2);
INSERT INTO identities VALUES (1, 4, 'acme', 3, 1795262400000, 1);
INSERT INTO merges VALUES (11, 1, 2, 1795262400000, 4);
INSERT INTO fields VALUES (1, 0, 0, 'plan', '[0,3,0,0,0,0,0,0,0,0]', '["free","pro","trial"]');
INSERT INTO fields VALUES (2, 0, 0, 'address.city', '[0,1,0,0,0,0,0,0,0,0]', '["Köln"]');
INSERT INTO fields VALUES (3, 0, 0, 'born', '[0,0,1,0,0,0,0,0,0,0]', '["2001-02-28"]');
INSERT INTO fields VALUES (4, 0, 0, 'address.', '[0,0,0,0,0,0,0,0,0,0]', '[]');
INSERT INTO fields VALUES (5, 0, 0, 'phone', '[0,0,0,0,0,0,0,0,0,0]', '[]');
INSERT INTO fields VALUES (6, 2, 1, 'total', '[0,0,0,0,1,0,0,0,0,0]', '["9.5"]');
INSERT INTO fields VALUES (7, 2, 1, 'currency', '[0,1,0,0,0,0,0,0,0,0]', '["EUR"]');
INSERT INTO fields VALUES (8, 2, 1, 'products[].sku', '[0,1,0,0,0,0,0,0,0,0]', '["a"]');
INSERT INTO fields VALUES (9, 2, 1, 'products[].price', '[0,0,0,0,1,0,0,0,0,0]', '["9.5"]');
INSERT INTO fields VALUES (10, 2, 1, 'products', '[0,0,0,0,0,0,0,0,1,0]', '["[{\"sku\":\"a\",\"price\":9.5}]"]');
INSERT INTO fields VALUES (11, 1, 0, 'industry', '[0,1,0,0,0,0,0,0,0,0]', '["steel"]');
INSERT INTO attributes VALUES (1, 1, 10, 1, '"free"', 1);
INSERT INTO attributes VALUES (1, 1, 30, 5, '"pro"', 1);
INSERT INTO attributes VALUES (1, 2, 10, 2, '"Köln"', 1);
INSERT INTO attributes VALUES (1, 3, 10, 3, '"2001-02-28"', 1);
INSERT INTO attributes VALUES (1, 4, 10, 4, '{}', 1);
INSERT INTO attributes VALUES (1, 5, 30, 6, NULL, 1);
INSERT INTO attributes VALUES (2, 1, 12, 7, '"trial"', 1);
INSERT INTO attributes VALUES (3, 11, 10, 8, '"steel"', 1);
INSERT INTO joins VALUES (1, 10, 9, 3, 'buyer', 1);
INSERT INTO consents VALUES (1, 1, 10, 10, 1, 3);
INSERT INTO events VALUES (1, 1, 1, 20, 1795262400000, 2, '{"total":9.5,"currency":"EUR","products":[{"sku":"a","price":9.5}]}');
INSERT INTO events VALUES (2, 2, 2, 15, 1795262400000, 2, '{}');
INSERT INTO key_log VALUES (1, X'6F72646572203100000000000000000001AC0059563DC98470616765203100000000000000000000BEE0CE5FEEE40513');
