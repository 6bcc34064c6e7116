# unit tests: scheduler
