/* SPDX-License-Identifier: BSD-2-Clause */
/* What intake commits together, or not at all. */
#include "collector/intake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "collector/registry_private.h"
#include "common/error.h"
#include "common/log.h"
#include "tests/unit/folder.h"
#include "tests/unit/journaled.h"
#include "tests/unit/registered.h"

/* A batch of one record, which is kept aside. */
static void
take_refused(struct intake *intake)
{
	struct record_id id = journaled_id("e1", 1);
	struct error err;

	assert_int_equal(
	    registry_refuse(intake->registry, "lon", "line", "why", NOW, &err),
	    0);
	assert_int_equal(journal_pass(intake->journal, &id, &err), 0);
	intake->refused = true;
}

static uint64_t
refused(struct intake *intake)
{
	return (registered_box(intake->registry).refused);
}

static void
a_record_kept_aside_is_accepted_with_its_row(void **state)
{
	struct intake intake = {.registry = registered_token(state),
	    .journal = journaled_open(*state, SMALL_FILE)};
	struct error err;

	TAILQ_INIT(&intake.batches);
	registered_enrol(intake.registry, "key1", "f1");
	take_refused(&intake);
	registry_fail(intake.registry); /* somebody else's change does */
	assert_int_equal(registry_commit(intake.registry, &err), 0);
	intake_commit(&intake);
	assert_int_equal(refused(&intake), 0);
	assert_int_equal(journal_accepted(intake.journal, "lon", "e1"), 0);

	take_refused(&intake); /* it comes again */
	intake_commit(&intake);
	assert_int_equal(refused(&intake), 1);
	assert_int_equal(journal_accepted(intake.journal, "lon", "e1"), 1);
	journal_free(intake.journal);
	registry_free(intake.registry);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_FOLDER(a_record_kept_aside_is_accepted_with_its_row),
	};

	log_open("intake_commit", false);
	return (cmocka_run_group_tests(tests, NULL, NULL));
}
