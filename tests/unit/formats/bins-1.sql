-- bins.db of format 1: one pair; a bin of before the horizon that is not in the
-- history yet, its neighbours are gone; three runs in two bins behind it.
PRAGMA user_version = 1;
CREATE TABLE pair (id INTEGER PRIMARY KEY,
 test TEXT NOT NULL, family INTEGER NOT NULL,
 src TEXT NOT NULL, dst TEXT NOT NULL,
 step INTEGER NOT NULL, newest INTEGER NOT NULL,
 due INTEGER NOT NULL, flushed INTEGER NOT NULL,
 rebuild INTEGER NOT NULL, UNIQUE (test, src, dst, family));
CREATE TABLE bin (start INTEGER NOT NULL,
 step INTEGER NOT NULL, pair INTEGER NOT NULL,
 finding INTEGER NOT NULL, tried INTEGER NOT NULL,
 outcome INTEGER NOT NULL, bundle TEXT NOT NULL,
 PRIMARY KEY (start, step, pair)) WITHOUT ROWID;
CREATE TABLE checkpoint (one INTEGER PRIMARY KEY,
 number INTEGER NOT NULL, horizon INTEGER NOT NULL);
INSERT INTO checkpoint VALUES (1, 17, 1795219200000000000);
INSERT INTO pair VALUES
 (1, 'core', 4, 'nyc', 'lon', 60000000000, 1795219260000000000, 1795219140000000000, 1795219140000000000, 0);
INSERT INTO bin VALUES
 (1795219140000000000, 60000000000, 1, 1795219141000000000, 1795219141000000000, 0,
  '{"outcomes":{"measured":1},"metrics":{"sent":10,"lost":0}}'),
 (1795219200000000000, 60000000000, 1, 1795219201000000000, 1795219201000000000, 0,
  '{"outcomes":{"measured":1},"metrics":{"sent":10,"lost":0}}'),
 (1795219260000000000, 60000000000, 1, 1795219262000000000, 1795219262000000000, 0,
  '{"outcomes":{"measured":2},"metrics":{"sent":20,"lost":5}}');
