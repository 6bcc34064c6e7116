/* SPDX-License-Identifier: BSD-2-Clause */
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>

#include "probes/icmp.h"

struct reason {
	int family, type, code; /* code -1: any other */
	const char *text;
};

#define UNREACHABLE "destination unreachable: "
#define PROBLEM "parameter problem: "

static const struct reason reasons[] = {
    {4, ICMP_DEST_UNREACH, ICMP_NET_UNREACH, UNREACHABLE "network unreachable"},
    {4, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, UNREACHABLE "host unreachable"},
    {4, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH,
	UNREACHABLE "protocol unreachable"},
    {4, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, UNREACHABLE "port unreachable"},
    {4, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, "packet too big"},
    {4, ICMP_DEST_UNREACH, ICMP_SR_FAILED, UNREACHABLE "source route failed"},
    {4, ICMP_DEST_UNREACH, ICMP_NET_UNKNOWN, UNREACHABLE "network unknown"},
    {4, ICMP_DEST_UNREACH, ICMP_HOST_UNKNOWN, UNREACHABLE "host unknown"},
    {4, ICMP_DEST_UNREACH, ICMP_HOST_ISOLATED, UNREACHABLE "source isolated"},
    {4, ICMP_DEST_UNREACH, ICMP_NET_ANO, UNREACHABLE "network prohibited"},
    {4, ICMP_DEST_UNREACH, ICMP_HOST_ANO, UNREACHABLE "host prohibited"},
    {4, ICMP_DEST_UNREACH, ICMP_NET_UNR_TOS,
	UNREACHABLE "network unreachable for this type of service"},
    {4, ICMP_DEST_UNREACH, ICMP_HOST_UNR_TOS,
	UNREACHABLE "host unreachable for this type of service"},
    {4, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED,
	UNREACHABLE "administratively prohibited"},
    {4, ICMP_DEST_UNREACH, ICMP_PREC_VIOLATION,
	UNREACHABLE "precedence not allowed"},
    {4, ICMP_DEST_UNREACH, ICMP_PREC_CUTOFF, UNREACHABLE "precedence too low"},
    {4, ICMP_DEST_UNREACH, -1, "destination unreachable"},
    {4, ICMP_SOURCE_QUENCH, 0, "source quench"},
    {4, ICMP_SOURCE_QUENCH, -1, "source quench"},
    {4, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, "time exceeded: hop limit reached"},
    {4, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME,
	"time exceeded: fragments missing"},
    {4, ICMP_TIME_EXCEEDED, -1, "time exceeded"},
    {4, ICMP_PARAMETERPROB, 0, PROBLEM "wrong header"},
    {4, ICMP_PARAMETERPROB, 1, PROBLEM "an option is missing"},
    {4, ICMP_PARAMETERPROB, 2, PROBLEM "wrong length"},
    {4, ICMP_PARAMETERPROB, -1, "parameter problem"},
    {6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOROUTE, UNREACHABLE "no route"},
    {6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADMIN,
	UNREACHABLE "administratively prohibited"},
    {6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_BEYONDSCOPE,
	UNREACHABLE "beyond the scope of the source address"},
    {6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADDR,
	UNREACHABLE "host unreachable"},
    {6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOPORT,
	UNREACHABLE "port unreachable"},
    {6, ICMP6_DST_UNREACH, 5, UNREACHABLE "source address prohibited"},
    {6, ICMP6_DST_UNREACH, 6, UNREACHABLE "route rejected"},
    {6, ICMP6_DST_UNREACH, 7, UNREACHABLE "wrong source route"},
    {6, ICMP6_DST_UNREACH, 8, UNREACHABLE "headers too long"},
    {6, ICMP6_DST_UNREACH, -1, "destination unreachable"},
    {6, ICMP6_PACKET_TOO_BIG, 0, "packet too big"},
    {6, ICMP6_PACKET_TOO_BIG, -1, "packet too big"},
    {6, ICMP6_TIME_EXCEEDED, ICMP6_TIME_EXCEED_TRANSIT,
	"time exceeded: hop limit reached"},
    {6, ICMP6_TIME_EXCEEDED, ICMP6_TIME_EXCEED_REASSEMBLY,
	"time exceeded: fragments missing"},
    {6, ICMP6_TIME_EXCEEDED, -1, "time exceeded"},
    {6, ICMP6_PARAM_PROB, ICMP6_PARAMPROB_HEADER, PROBLEM "wrong header"},
    {6, ICMP6_PARAM_PROB, ICMP6_PARAMPROB_NEXTHEADER,
	PROBLEM "unknown next header"},
    {6, ICMP6_PARAM_PROB, ICMP6_PARAMPROB_OPTION, PROBLEM "unknown option"},
    {6, ICMP6_PARAM_PROB, 3, PROBLEM "headers in fragments"},
    {6, ICMP6_PARAM_PROB, -1, "parameter problem"},
};

static const struct reason *
find_reason(int family, int type, int code)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		const struct reason *reason = &reasons[i];

		if (reason->family == family && reason->type == type &&
		    (reason->code == code || reason->code == -1))
			return (reason);
	}
	return (NULL);
}

char *
icmp_describe(
    int family, const struct icmp_message *message, char text[static ICMP_TEXT])
{
	const struct reason *reason =
	    find_reason(family, message->type, message->code);

	if (reason == NULL)
		snprintf(text, ICMP_TEXT, "ICMP error of type %d, code %d",
		    message->type, message->code);
	else if (reason->code == -1)
		snprintf(text, ICMP_TEXT, "%s: code %d", reason->text,
		    message->code);
	else if (message->mtu != 0)
		snprintf(
		    text, ICMP_TEXT, "%s: MTU %u", reason->text, message->mtu);
	else
		snprintf(text, ICMP_TEXT, "%s", reason->text);
	return (text);
}
