# unit tests: common
