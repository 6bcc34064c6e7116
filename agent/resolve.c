/* SPDX-License-Identifier: BSD-2-Clause */
#include "agent/resolve.h"

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/memory.h"

#define RESOLV_CONF "/etc/resolv.conf"

struct resolver {
	struct event_base *base;
	struct evdns_base *dns; /* NULL while no question is open */
	bool unserved;          /* no name server is configured */
	size_t open;
};

struct lookup {
	struct resolver *resolver;
	resolve_done done; /* NULL: cancelled */
	void *arg;
	int family;
	struct evdns_getaddrinfo_request *request; /* NULL: answered */
	struct event *later; /* hands over an answer that came at once */
	struct evutil_addrinfo *answer;
	int error;
};

/* What was asked is told what became of it; that is enough. */
static void
on_dns_log(int warning, const char *text)
{
	log_debug("libevent: %s", text);
}

struct resolver *
resolver_new(struct event_base *base)
{
	struct resolver *resolver = memory_new(1, sizeof(*resolver));

	resolver->base = base;
	evdns_set_log_fn(on_dns_log);
	return (resolver);
}

static void
close_dns(struct resolver *resolver)
{
	if (resolver->dns != NULL)
		evdns_base_free(resolver->dns, 0);
	resolver->dns = NULL;
}

void
resolver_free(struct resolver *resolver)
{
	if (resolver == NULL)
		return;
	while (resolver->open > 0)
		event_base_loop(resolver->base, EVLOOP_ONCE);
	free(resolver);
}

static void
set_option(struct evdns_base *dns, const char *option, const char *value)
{
	if (evdns_base_set_option(dns, option, value) != 0)
		log_fatal("libevent does not know the option %s", option);
}

static void
open_dns(struct resolver *resolver)
{
	resolver->dns =
	    evdns_base_new(resolver->base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (resolver->dns == NULL)
		log_fatal("out of memory");
	/* without a file or a server in it, libevent asks 127.0.0.1, as libc
	 * does; only the message tells */
	resolver->unserved = evdns_base_resolv_conf_parse(resolver->dns,
				 DNS_OPTIONS_ALL, RESOLV_CONF) != 0;
	set_option(resolver->dns, "timeout:", "2");
	set_option(resolver->dns, "attempts:", "2");
	set_option(resolver->dns, "max-inflight:", "256");
}

static void
end_lookup(struct lookup *lookup)
{
	struct resolver *resolver = lookup->resolver;

	if (lookup->answer != NULL)
		evutil_freeaddrinfo(lookup->answer);
	event_free(lookup->later);
	free(lookup);
	resolver->open--;
}

/* Would the kernel know where to send a packet for it? Sends none. */
static bool
routed(const struct sockaddr *address, socklen_t length)
{
	int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool result = fd != -1 && connect(fd, address, length) == 0;

	if (fd != -1)
		close(fd);
	return (result);
}

static const struct evutil_addrinfo *
find_family(const struct evutil_addrinfo *list, int family)
{
	while (list != NULL && list->ai_family != family)
		list = list->ai_next;
	return (list);
}

static const struct evutil_addrinfo *
choose(const struct evutil_addrinfo *list, int family)
{
	const struct evutil_addrinfo *v4 = find_family(list, AF_INET);
	const struct evutil_addrinfo *v6 = find_family(list, AF_INET6);

	if (family == 4)
		return (v4);
	if (family == 6 || v4 == NULL)
		return (v6);
	return (v6 != NULL && routed(v6->ai_addr, v6->ai_addrlen) ? v6 : v4);
}

static const char *
explain(const struct lookup *lookup)
{
	if (lookup->resolver->unserved)
		return ("no name server configured in " RESOLV_CONF);
	if (lookup->error == 0 || lookup->error == EVUTIL_EAI_NODATA ||
	    lookup->error == EVUTIL_EAI_ADDRFAMILY)
		return (lookup->family == 6   ? "the name has no IPv6 address"
			: lookup->family == 4 ? "the name has no IPv4 address"
					      : "the name has no address");
	if (lookup->error == EVUTIL_EAI_AGAIN)
		return ("no name server answers");
	if (lookup->error == EVUTIL_EAI_NONAME)
		return ("there is no such name");
	return (evutil_gai_strerror(lookup->error));
}

static void
tell(evutil_socket_t fd, short what, void *arg)
{
	struct lookup *lookup = arg;
	struct resolver *resolver = lookup->resolver;
	const struct evutil_addrinfo *chosen =
	    choose(lookup->answer, lookup->family);
	union address address = {0};
	char why[128];

	if (lookup->done == NULL) {
		end_lookup(lookup);
	} else if (chosen == NULL) {
		snprintf(
		    why, sizeof(why), "does not resolve: %s", explain(lookup));
		lookup->done(lookup->arg, NULL, why);
		end_lookup(lookup);
	} else {
		memcpy(&address, chosen->ai_addr, chosen->ai_addrlen);
		lookup->done(lookup->arg, &address, NULL);
		end_lookup(lookup);
	}
	if (resolver->open == 0)
		close_dns(resolver);
}

static void
on_answer(int error, struct evutil_addrinfo *answer, void *arg)
{
	struct lookup *lookup = arg;

	lookup->request = NULL;
	lookup->error = error;
	lookup->answer = answer;
	event_active(lookup->later, EV_TIMEOUT, 0);
}

struct lookup *
resolve_start(struct resolver *resolver, const char *name, int family,
    resolve_done done, void *arg)
{
	struct evutil_addrinfo hints = {.ai_socktype = SOCK_DGRAM};
	struct lookup *lookup = memory_new(1, sizeof(*lookup));
	struct evdns_getaddrinfo_request *request;

	hints.ai_family = family == 4   ? AF_INET
			  : family == 6 ? AF_INET6
					: AF_UNSPEC;
	lookup->resolver = resolver;
	lookup->done = done;
	lookup->arg = arg;
	lookup->family = family;
	lookup->error = -1; /* not answered */
	lookup->later = evtimer_new(resolver->base, tell, lookup);
	if (resolver->open++ == 0)
		open_dns(resolver);
	request = evdns_getaddrinfo(
	    resolver->dns, name, NULL, &hints, on_answer, lookup);
	if (lookup->error == -1)
		lookup->request = request;
	return (lookup);
}

void
resolve_cancel(struct lookup *lookup)
{
	lookup->done = NULL;
	if (lookup->request != NULL)
		evdns_getaddrinfo_cancel(lookup->request);
}
