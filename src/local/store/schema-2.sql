-- What version 2 of the tables adds.

-- Where the numbers of events of packages that were deleted go on when these come back.
CREATE TABLE package_sequence (
    repository_id INTEGER NOT NULL REFERENCES repository ON DELETE CASCADE,
    format        TEXT NOT NULL,
    namespace     TEXT NOT NULL,
    name          TEXT NOT NULL,
    sequence      INTEGER NOT NULL,
    PRIMARY KEY (repository_id, format, namespace, name)
) WITHOUT ROWID;

-- With the origin controls, so that a page of packages that are filtered by them reads no other rows.
DROP INDEX package_by_name;
CREATE INDEX package_by_name ON package (repository_id, format, name, namespace, publish, upstream);
