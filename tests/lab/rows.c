/* SPDX-License-Identifier: BSD-2-Clause */
/* rows TRUTH [VERDICTS]: every packet as csv */
#include <stdio.h>

#include "common/error.h"
#include "lab/truth.h"

int
main(int argc, char **argv)
{
	struct error err;
	struct truth *truth;

	if (argc != 2 && argc != 3)
		return (2);
	if ((truth = truth_read(argv[1], argv[2], &err)) == NULL) {
		fprintf(stderr, "rows: %s\n", err.text);
		return (1);
	}
	truth_write(truth, TABLE_CSV, stdout);
	truth_free(truth);
	return (0);
}
