-- registry.db of format 1: one certificate a box, no word of removal.
PRAGMA user_version = 1;
CREATE TABLE token (secret BLOB PRIMARY KEY,
 box TEXT NOT NULL, made INTEGER NOT NULL, until INTEGER NOT NULL,
 key TEXT, certificate TEXT) WITHOUT ROWID;
CREATE TABLE box (name TEXT PRIMARY KEY,
 enrolled INTEGER NOT NULL, certificate TEXT NOT NULL,
 heard INTEGER NOT NULL DEFAULT 0, hello TEXT,
 refused INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE manifest (name TEXT PRIMARY KEY,
 version INTEGER NOT NULL, json TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE refused (number INTEGER PRIMARY KEY,
 box TEXT NOT NULL, digest BLOB NOT NULL, at INTEGER NOT NULL,
 why TEXT NOT NULL, line BLOB NOT NULL, UNIQUE (box, digest));
-- of two tokens one is open, one was used
INSERT INTO token VALUES
 (x'8d2c6a2d9c3c0c5e2f6f0a7f7e4f4f3a1b0c9d8e7f60718293a4b5c6d7e8f901', 'nyc',
 1795300000000000000, 1795386400000000000, NULL, NULL),
 (x'0a2c6a2d9c3c0c5e2f6f0a7f7e4f4f3a1b0c9d8e7f60718293a4b5c6d7e8f902', 'lon',
 1795300000000000000, 1795386400000000000, 'key1', 'PEM');
INSERT INTO box VALUES
 ('lon', 1795300100000000000, 'f1', 1795300200000000000,
 '{"version":"0.1.0","epoch":"0123456789abcdef"}', 3),
 ('par', 1795300100000000000, 'f2', 0, NULL, 0);
INSERT INTO manifest VALUES ('knock', 2,
 '{"name":"knock","version":2,"summary":"Knocks","runs_at":"src","options":[],"metrics":[{"name":"sent","kind":"count","unit":"1","help":"Knocks that were sent"}]}');
INSERT INTO refused VALUES (1, 'lon', x'00', 1795300150000000000, 'no JSON',
 CAST('{' AS BLOB));
