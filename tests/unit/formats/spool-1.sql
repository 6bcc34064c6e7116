-- spool.db of format 1, as it was before formats had numbers: three records of
-- two epochs, one run that was open.
CREATE TABLE record (n INTEGER PRIMARY KEY,
 added INTEGER NOT NULL, lost INTEGER NOT NULL, line BLOB NOT NULL);
CREATE TABLE epoch (base INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE run (run INTEGER PRIMARY KEY, note TEXT NOT NULL);
CREATE TABLE life (one INTEGER PRIMARY KEY CHECK (one = 1),
 committed INTEGER NOT NULL);
INSERT INTO epoch VALUES (0, '00000000000000aa'), (7, '00000000000000bb');
INSERT INTO record VALUES
 (6, 1795300000000000000, 0, CAST('{"id":"lon/00000000000000aa/6"}' AS BLOB)),
 (8, 1795300001000000000, 0, CAST('{"id":"lon/00000000000000bb/1"}' AS BLOB)),
 (9, 1795300002000000000, 0, CAST('{"id":"lon/00000000000000bb/2"}' AS BLOB));
INSERT INTO run VALUES
 (1, '{"test":"core-ping","probe":"ping","src":"lon","dst":"nyc","start":1795300001.5}');
INSERT INTO life VALUES (1, 1795300002000000000);
