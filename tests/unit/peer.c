/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/worker.h"
#include "common/error.h"
#include "common/member.h"
#include "common/memory.h"

int
peer_make(void **state)
{
	struct peer *peer = memory_new(1, sizeof(*peer));
	struct error err;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == -1 ||
	    (peer->pid = fork()) == -1)
		return (-1);
	if (peer->pid == 0) {
		close(ends[0]);
		free(peer);
		exit(worker_main(ends[1], &err));
	}
	close(ends[1]);
	peer->in = fdopen(ends[0], "r");
	peer->out = fdopen(dup(ends[0]), "w");
	setlinebuf(peer->out);
	*state = peer;
	return (0);
}

void
peer_hang_up(struct peer *peer)
{
	if (peer->in != NULL)
		fclose(peer->in);
	if (peer->out != NULL)
		fclose(peer->out);
	peer->in = peer->out = NULL;
}

int
peer_exit_status(struct peer *peer)
{
	int status = -1;

	if (peer->pid != 0)
		waitpid(peer->pid, &status, 0);
	peer->pid = 0;
	return (WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

int
peer_unmake(void **state)
{
	struct peer *peer = *state;
	int status = 0;

	peer_hang_up(peer);
	if (peer->pid != 0)
		status = peer_exit_status(peer);
	free(peer);
	return (status);
}

json_object *
peer_hear(struct peer *peer)
{
	json_object *message;
	char *line = NULL;
	size_t size = 0;
	ssize_t length = getline(&line, &size, peer->in);
	struct error err;

	message =
	    length > 0 ? member_parse(line, (size_t)length - 1, &err) : NULL;
	free(line);
	return (message);
}

void
peer_open(struct peer *peer, const char *probe)
{
	json_object *answer;

	fprintf(peer->out, "{\"m\":\"open\",\"probe\":\"%s\"}\n", probe);
	answer = peer_hear(peer);
	assert_string_equal(member_text_or(answer, "m", ""), "manifest");
	json_object_put(answer);
}

void
peer_use_test_probes(void)
{
	char *probes =
	    memory_print("%s/tests/probe/.libs", getenv("TOP_BUILDDIR"));

	setenv("PHAROS_PROBES", probes, 1);
	free(probes);
}
