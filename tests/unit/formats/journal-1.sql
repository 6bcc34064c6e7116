-- A journal's file of format 1, when a row was a line as it is: three records.
CREATE TABLE entry (number INTEGER PRIMARY KEY,
 received INTEGER NOT NULL, line BLOB NOT NULL);
CREATE TABLE accepted (box TEXT NOT NULL,
 epoch TEXT NOT NULL, sequence INTEGER NOT NULL,
 PRIMARY KEY (box, epoch)) WITHOUT ROWID;
INSERT INTO entry VALUES (1, 1, CAST('e1/1' AS BLOB)),
 (2, 1, CAST('e1/2' AS BLOB)), (3, 1, CAST('e1/3' AS BLOB));
INSERT INTO accepted VALUES ('lon', 'e1', 3);
PRAGMA user_version = 1;
