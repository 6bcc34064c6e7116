/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * command.h - how the link emulator is told what to do.
 *
 * pharos-emulator depends on nothing but libc. Descriptor 3 is a Unix socket of
 * SOCK_SEQPACKET; each message is one line of text and gets one answer, "ok",
 * "ok TEXT" or "error REASON", in order. It ends when the socket closes.
 *
 *   link NAME            with two TAP descriptors attached (SCM_RIGHTS, both in
 *                        one message; IFF_TAP | IFF_NO_PI): its ends 0 and 1;
 *                        all ways begin perfect. It is for ever.
 *   set NAME WAY K=V...  WAY is 0 (from end 0 to end 1) or 1; K and V as
 *                        below; what is not named stays; all or nothing
 *   fail NAME            every packet on it is lost from now on; what is in
 *                        flight is lost, too
 *   carrier NAME 0|1     both ends' carrier; 0 fails it as well, 1 alone does
 *                        not mend it
 *   restore NAME         neither failed nor without carrier
 *   seed N               of the chances of links made from now on; links made
 *                        in the same order have the same chances
 *   verdicts NAME        with one descriptor attached, of a file: what became of
 *                        each packet is written there, see verdict.h; without:
 *                        no more, the file is complete when that is answered
 *   stats NAME WAY       "ok in=N out=N lost=N queue=N duplicated=N corrupted=N
 *                        failed=N overflow=N late50=NS late99=NS latemost=NS":
 *                        packets read and written, dropped by chance, by a
 *                        full queue, by a failure (or an interface that is
 *                        down) and for want of the emulator's own memory, which
 *                        nobody asked for; and how late they left
 *   hello NAME WAY       "ok NS": CLOCK_MONOTONIC when the last OSPF hello left
 *                        it, 0: none yet; failures can be aligned to it
 *
 * K: delay, jitter (nanoseconds, integers), reorder (0, 1), loss, bad_loss,
 * to_bad, to_good, duplicate, corrupt (ratios), rate (bit/s), queue (packets, 1
 * to 1000000); decimal. A TAP drops what comes while txqueuelen packets wait for the
 * emulator to read them: 10000 suffice for half a second at 20,000 packets/s.
 */
#ifndef PHAROS_LAB_EMULATOR_COMMAND_H
#define PHAROS_LAB_EMULATOR_COMMAND_H

#define EMULATOR_FD 3
#define EMULATOR_LINE 1024 /* bytes of a message */

#endif
