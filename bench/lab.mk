# Emulated links beside plain ones.
bench_programs += bench/trial
bench_trial_SOURCES = %D%/trial.c
bench_trial_LDADD = $(truth_libs)
EXTRA_DIST += %D%/lab
