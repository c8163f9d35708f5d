-- Times are milliseconds since 1970-01-01T00:00Z. Every blob named after a hash is a SHA-256 of a
-- secret that is nowhere in this database.

CREATE TABLE session (
    id_hash        BLOB   PRIMARY KEY,         -- of the cookie's secret
    version        INTEGER NOT NULL,            -- compared and incremented by every write of a token
    key_id         TEXT   NOT NULL,            -- which master key sealed
    sealed         BLOB   NOT NULL,            -- the account and the tokens; empty once it ended
    token_expires  INTEGER NOT NULL,            -- the access token's exp
    renew_from     INTEGER NOT NULL,            -- when a renewal is due
    renewed        INTEGER NOT NULL,            -- when the tokens came
    asked          INTEGER,                     -- when a renewal was sent whose answer is not stored
    created        INTEGER NOT NULL,
    idle_until     INTEGER NOT NULL,            -- moved at most once a minute, without the version
    absolute_until INTEGER NOT NULL,
    ended          TEXT                        -- why the connection ended
) STRICT;
CREATE INDEX session_idle_until ON session (idle_until);

CREATE TABLE attempt (
    state_hash   BLOB   PRIMARY KEY,
    binding_hash BLOB   NOT NULL,              -- of the secret in the browser's attempt cookie
    key_id       TEXT   NOT NULL,
    sealed       BLOB   NOT NULL,              -- the pending authorization
    previous     BLOB,                        -- the session that this one replaces
    created      INTEGER NOT NULL,
    expires      INTEGER NOT NULL
) STRICT;
CREATE INDEX attempt_binding_hash ON attempt (binding_hash);
CREATE INDEX attempt_expires ON attempt (expires);

CREATE TABLE outcome (
    binding_hash BLOB   PRIMARY KEY,
    code         TEXT   NOT NULL,              -- why the browser's last attempt failed
    expires      INTEGER NOT NULL
) STRICT;
CREATE INDEX outcome_expires ON outcome (expires);

CREATE TABLE budget (
    client_id TEXT   PRIMARY KEY,
    next_at   INTEGER NOT NULL,                 -- when the next request may be sent
    day       INTEGER NOT NULL,                 -- days since 1970-01-01, UTC
    used      INTEGER NOT NULL                  -- requests sent on that day
) STRICT;
