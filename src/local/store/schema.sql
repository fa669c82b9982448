-- The tables of the local service. Times are milliseconds since 1970, hashes are raw bytes.

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE domain (
    id              INTEGER PRIMARY KEY,
    owner           TEXT NOT NULL,
    name            TEXT NOT NULL,
    encryption_key  TEXT NOT NULL,
    created         INTEGER NOT NULL,
    -- Each blob counts once, however many repositories hold it.
    asset_size      INTEGER NOT NULL DEFAULT 0,
    policy          TEXT,
    policy_revision TEXT,
    UNIQUE (owner, name)
);

CREATE TABLE repository (
    id              INTEGER PRIMARY KEY,
    domain_id       INTEGER NOT NULL REFERENCES domain ON DELETE CASCADE,
    name            TEXT NOT NULL,
    administrator   TEXT NOT NULL,
    description     TEXT,
    created         INTEGER NOT NULL,
    policy          TEXT,
    policy_revision TEXT,
    UNIQUE (domain_id, name)
);
CREATE INDEX repository_by_administrator ON repository (administrator);

CREATE TABLE upstream (
    repository_id INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    position      INTEGER NOT NULL,
    upstream_id   INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    PRIMARY KEY (repository_id, position)
) WITHOUT ROWID;
CREATE INDEX upstream_by_target ON upstream (upstream_id);

CREATE TABLE external_connection (
    repository_id INTEGER PRIMARY KEY REFERENCES repository ON DELETE CASCADE,
    name          TEXT NOT NULL
);

-- A missing namespace is the empty text, so that the unique index holds it.
CREATE TABLE package (
    id            INTEGER PRIMARY KEY,
    domain_id     INTEGER NOT NULL,
    repository_id INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    format        TEXT NOT NULL,
    namespace     TEXT NOT NULL,
    name          TEXT NOT NULL,
    -- The path as package groups compare it: folded, separators and look-alikes made one.
    match_key     TEXT NOT NULL,
    publish       INTEGER NOT NULL,
    upstream      INTEGER NOT NULL,
    -- The format's own metadata of the package, unread here.
    document      TEXT,
    sequence      INTEGER NOT NULL DEFAULT 0,
    UNIQUE (repository_id, format, namespace, name)
);
CREATE INDEX package_by_name ON package (repository_id, format, name, namespace);
CREATE INDEX package_by_match_key ON package (domain_id, match_key, format, namespace, name);

-- What a version says of itself. Never changed, only replaced, and shared by all copies of a version.
CREATE TABLE content (
    id                     INTEGER PRIMARY KEY,
    display_name           TEXT,
    summary                TEXT,
    home_page              TEXT,
    source_code_repository TEXT,
    licenses               TEXT NOT NULL,
    dependencies           TEXT NOT NULL,
    readme                 TEXT,
    document               TEXT NOT NULL
);

CREATE TABLE version (
    id               INTEGER PRIMARY KEY,
    package_id       INTEGER NOT NULL REFERENCES package ON DELETE CASCADE,
    content_id       INTEGER NOT NULL REFERENCES content,
    version          TEXT NOT NULL,
    revision         TEXT NOT NULL,
    status           TEXT NOT NULL,
    published        INTEGER NOT NULL,
    -- Where the version entered the domain.
    origin           TEXT NOT NULL,
    entry_repository TEXT,
    entry_connection TEXT,
    UNIQUE (package_id, version)
);
CREATE INDEX version_by_published ON version (package_id, published, version);
CREATE INDEX version_by_content ON version (content_id);

CREATE TRIGGER version_deleted AFTER DELETE ON version BEGIN
    DELETE FROM content WHERE id = old.content_id
        AND NOT EXISTS (SELECT 1 FROM version WHERE content_id = old.content_id);
END;
CREATE TRIGGER version_rewritten AFTER UPDATE OF content_id ON version
WHEN new.content_id <> old.content_id BEGIN
    DELETE FROM content WHERE id = old.content_id
        AND NOT EXISTS (SELECT 1 FROM version WHERE content_id = old.content_id);
END;

-- Names for versions, such as npm's dist-tags.
CREATE TABLE package_tag (
    package_id INTEGER NOT NULL REFERENCES package ON DELETE CASCADE,
    tag        TEXT NOT NULL,
    version    TEXT NOT NULL,
    PRIMARY KEY (package_id, tag)
) WITHOUT ROWID;

-- A row here promises a whole file of these bytes in the blob folder.
CREATE TABLE blob (
    sha256 BLOB PRIMARY KEY,
    size   INTEGER NOT NULL,
    md5    BLOB NOT NULL,
    sha1   BLOB NOT NULL,
    sha512 BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE domain_blob (
    domain_id INTEGER NOT NULL,
    sha256    BLOB NOT NULL,
    uses      INTEGER NOT NULL,
    PRIMARY KEY (domain_id, sha256)
) WITHOUT ROWID;
CREATE INDEX domain_blob_by_blob ON domain_blob (sha256);

-- Blobs which the running transaction has given up: their files go once it is committed.
CREATE TABLE doomed (
    sha256 BLOB PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE asset (
    version_id INTEGER NOT NULL REFERENCES version ON DELETE CASCADE,
    name       TEXT NOT NULL,
    domain_id  INTEGER NOT NULL,
    sha256     BLOB NOT NULL REFERENCES blob,
    PRIMARY KEY (version_id, name)
) WITHOUT ROWID;

CREATE TRIGGER asset_added AFTER INSERT ON asset BEGIN
    UPDATE domain SET asset_size = asset_size + (SELECT size FROM blob WHERE sha256 = new.sha256)
        WHERE id = new.domain_id
        AND NOT EXISTS (SELECT 1 FROM domain_blob WHERE domain_id = new.domain_id AND sha256 = new.sha256);
    INSERT INTO domain_blob (domain_id, sha256, uses) VALUES (new.domain_id, new.sha256, 1)
        ON CONFLICT (domain_id, sha256) DO UPDATE SET uses = uses + 1;
END;
CREATE TRIGGER asset_removed AFTER DELETE ON asset BEGIN
    UPDATE domain_blob SET uses = uses - 1 WHERE domain_id = old.domain_id AND sha256 = old.sha256;
    UPDATE domain SET asset_size = asset_size - (SELECT size FROM blob WHERE sha256 = old.sha256)
        WHERE id = old.domain_id
        AND EXISTS (SELECT 1 FROM domain_blob WHERE domain_id = old.domain_id AND sha256 = old.sha256 AND uses = 0);
    DELETE FROM domain_blob WHERE domain_id = old.domain_id AND sha256 = old.sha256 AND uses = 0;
    INSERT OR IGNORE INTO doomed (sha256) SELECT old.sha256
        WHERE NOT EXISTS (SELECT 1 FROM domain_blob WHERE sha256 = old.sha256);
END;

CREATE TABLE package_group (
    id                INTEGER PRIMARY KEY,
    domain_id         INTEGER NOT NULL REFERENCES domain ON DELETE CASCADE,
    pattern           TEXT NOT NULL,
    contact_info      TEXT,
    description       TEXT,
    created           INTEGER NOT NULL,
    publish           TEXT NOT NULL,
    external_upstream TEXT NOT NULL,
    internal_upstream TEXT NOT NULL,
    UNIQUE (domain_id, pattern)
);

CREATE TABLE package_group_repository (
    package_group_id INTEGER NOT NULL REFERENCES package_group ON DELETE CASCADE,
    restriction      TEXT NOT NULL,
    repository_id    INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    PRIMARY KEY (package_group_id, restriction, repository_id)
) WITHOUT ROWID;
CREATE INDEX package_group_repository_by_repository ON package_group_repository (repository_id);

-- Tags of a resource, by its ARN.
CREATE TABLE resource_tag (
    arn   TEXT NOT NULL,
    key   TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (arn, key)
) WITHOUT ROWID;

-- Authorization tokens. Only a hash is kept: whoever reads this file gets no token out of it.
CREATE TABLE token (
    hash      BLOB PRIMARY KEY,
    domain_id INTEGER NOT NULL REFERENCES domain ON DELETE CASCADE,
    principal TEXT NOT NULL,
    expires   INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX token_by_domain ON token (domain_id);
CREATE INDEX token_by_expiry ON token (expires);

CREATE TABLE event (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    document TEXT NOT NULL
);
