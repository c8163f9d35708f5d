-- Times are milliseconds since 1970-01-01T00:00Z. Every bytea named after a hash is a SHA-256 of a
-- secret that is nowhere in this database.

CREATE TABLE session (
    id_hash        bytea  PRIMARY KEY,         -- of the cookie's secret
    version        bigint NOT NULL,            -- compared and incremented by every write of a token
    key_id         text   NOT NULL,            -- which master key sealed
    sealed         bytea  NOT NULL,            -- the account and the tokens; empty once it ended
    token_expires  bigint NOT NULL,            -- the access token's exp
    renew_from     bigint NOT NULL,            -- when a renewal is due
    renewed        bigint NOT NULL,            -- when the tokens came
    asked          bigint,                     -- when a renewal was sent whose answer is not stored
    created        bigint NOT NULL,
    idle_until     bigint NOT NULL,            -- moved at most once a minute, without the version
    absolute_until bigint NOT NULL,
    ended          text                        -- why the connection ended
);
CREATE INDEX session_idle_until ON session (idle_until);

CREATE TABLE attempt (
    state_hash   bytea  PRIMARY KEY,
    binding_hash bytea  NOT NULL,              -- of the secret in the browser's attempt cookie
    key_id       text   NOT NULL,
    sealed       bytea  NOT NULL,              -- the pending authorization
    previous     bytea,                        -- the session that this one replaces
    created      bigint NOT NULL,
    expires      bigint NOT NULL
);
CREATE INDEX attempt_binding_hash ON attempt (binding_hash);
CREATE INDEX attempt_expires ON attempt (expires);

CREATE TABLE outcome (
    binding_hash bytea  PRIMARY KEY,
    code         text   NOT NULL,              -- why the browser's last attempt failed
    expires      bigint NOT NULL
);
CREATE INDEX outcome_expires ON outcome (expires);

CREATE TABLE budget (
    client_id text   PRIMARY KEY,
    next_at   bigint NOT NULL,                 -- when the next request may be sent
    day       bigint NOT NULL,                 -- days since 1970-01-01, UTC
    used      bigint NOT NULL                  -- requests sent on that day
);
