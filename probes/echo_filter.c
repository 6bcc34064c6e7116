/* SPDX-License-Identifier: BSD-2-Clause */
#include "probes/echo_filter.h"

#include <linux/filter.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define IS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define ACCEPT BPF_STMT(BPF_RET | BPF_K, UINT32_MAX)
#define DROP BPF_STMT(BPF_RET | BPF_K, 0)

static int
attach(int fd, struct sock_filter *code, unsigned short length)
{
	const struct sock_fprog program = {length, code};

	return (setsockopt(
	    fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)));
}

/* The packet starts with its IPv4 header. X becomes the offset of our echo
 * message's header, in an error the quoted one's. */
static int
filter4(int fd, uint16_t identifier)
{
	struct sock_filter code[] = {
	    /*  0 */ BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
	    /*  1 */ BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
	    /*  2 */ IS(ICMP_ECHOREPLY, 14, 0),
	    /*  3 */ IS(ICMP_DEST_UNREACH, 3, 0),
	    /*  4 */ IS(ICMP_SOURCE_QUENCH, 2, 0),
	    /*  5 */ IS(ICMP_TIME_EXCEEDED, 1, 0),
	    /*  6 */ IS(ICMP_PARAMETERPROB, 0, 13),
	    /*  7: the quoted protocol */
	    BPF_STMT(BPF_LD | BPF_B | BPF_IND, 8 + 9),
	    /*  8 */ IS(IPPROTO_ICMP, 0, 11),
	    /*  9: X += 8 + the quoted header's length */
	    BPF_STMT(BPF_LD | BPF_B | BPF_IND, 8),
	    /* 10 */ BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf),
	    /* 11 */ BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 2),
	    /* 12 */ BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
	    /* 13 */ BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 8),
	    /* 14 */ BPF_STMT(BPF_MISC | BPF_TAX, 0),
	    /* 15 */ BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
	    /* 16 */ IS(ICMP_ECHO, 0, 3),
	    /* 17 */ BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4),
	    /* 18 */ IS(identifier, 0, 1),
	    /* 19 */ ACCEPT,
	    /* 20 */ DROP,
	};
	const uint32_t others =
	    ~(1U << ICMP_ECHOREPLY | 1U << ICMP_DEST_UNREACH |
		1U << ICMP_SOURCE_QUENCH | 1U << ICMP_TIME_EXCEEDED |
		1U << ICMP_PARAMETERPROB);

	/* by type first: what it keeps away is not even copied for us */
	if (setsockopt(fd, SOL_RAW, ICMP_FILTER, &others, sizeof(others)) == -1)
		return (-1);
	return (attach(fd, code, sizeof(code) / sizeof(code[0])));
}

/* The packet starts with its ICMPv6 header; a quoted one may have been
 * fragmented by us. */
static int
filter6(int fd, uint16_t identifier)
{
	struct sock_filter code[] = {
	    /*  0 */ BPF_STMT(BPF_LDX | BPF_IMM, 0),
	    /*  1 */ BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
	    /*  2 */ IS(ICMP6_ECHO_REPLY, 10, 0),
	    /*  3: the quoted next header */
	    BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8 + 6),
	    /*  4 */ IS(IPPROTO_ICMPV6, 5, 0),
	    /*  5 */ IS(IPPROTO_FRAGMENT, 0, 10),
	    /*  6 */ BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8 + 40),
	    /*  7 */ IS(IPPROTO_ICMPV6, 0, 8),
	    /*  8 */ BPF_STMT(BPF_LDX | BPF_IMM, 8 + 40 + 8),
	    /*  9 */ BPF_STMT(BPF_JMP | BPF_JA, 1),
	    /* 10 */ BPF_STMT(BPF_LDX | BPF_IMM, 8 + 40),
	    /* 11 */ BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
	    /* 12 */ IS(ICMP6_ECHO_REQUEST, 0, 3),
	    /* 13 */ BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4),
	    /* 14 */ IS(identifier, 0, 1),
	    /* 15 */ ACCEPT,
	    /* 16 */ DROP,
	};
	struct icmp6_filter types;

	ICMP6_FILTER_SETBLOCKALL(&types);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &types);
	for (int type = ICMP6_DST_UNREACH; type <= ICMP6_PARAM_PROB; type++)
		ICMP6_FILTER_SETPASS(type, &types);
	if (setsockopt(
		fd, IPPROTO_ICMPV6, ICMP6_FILTER, &types, sizeof(types)) == -1)
		return (-1);
	return (attach(fd, code, sizeof(code) / sizeof(code[0])));
}

int
echo_filter(int fd, int family, uint16_t identifier)
{
	return (
	    family == 6 ? filter6(fd, identifier) : filter4(fd, identifier));
}

int
echo_filter_all(int fd, int family)
{
	const uint32_t types4 = UINT32_MAX;
	struct icmp6_filter types6;

	ICMP6_FILTER_SETBLOCKALL(&types6);
	return (family == 6 ? setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER,
				  &types6, sizeof(types6))
			    : setsockopt(fd, SOL_RAW, ICMP_FILTER, &types4,
				  sizeof(types4)));
}
