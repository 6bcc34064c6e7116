# The demo; its networks and daemons are those of the system tests.
EXTRA_DIST += %D%/demo.py
