/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looks at every madvise(2) and mprotect(2) of the process, to count them or to make
 * them fail for real: a seccomp filter (seccomp(2)) traps them, whoever makes them, and
 * a handler of SIGSYS asks the test. For programs of one thread; lasts until they end.
 */
#ifndef CORDAGE_TEST_SYSCALL_TRAP_H_INCLUDED
#define CORDAGE_TEST_SYSCALL_TRAP_H_INCLUDED

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

/* Since Linux 6.13; not in the C library's headers yet. */
enum {
	TRAP_GUARD_INSTALL = 102,
	TRAP_GUARD_REMOVE = 103,
};

/**
 * Asked about each call, on the signal stack: 0 lets it through, otherwise it is not made
 * and fails with that errno. `how` is the advice or the protection.
 */
typedef int (*syscall_trap_f)(long number, char *addr, size_t size, int how);

static syscall_trap_f syscall_trap_question;

/* The sixth argument, unused by both calls, tells the handler's own calls. */
#define SYSCALL_TRAP_PASS 0x7061u

static void
syscall_trap_handler(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	int saved_errno = errno;
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	int error = syscall_trap_question == NULL ? 0 :
		syscall_trap_question(info->si_syscall, (char *)regs[REG_RDI],
				      (size_t)regs[REG_RSI], (int)regs[REG_RDX]);
	if (error == 0 && syscall(info->si_syscall, regs[REG_RDI], regs[REG_RSI],
				  regs[REG_RDX], 0, 0, SYSCALL_TRAP_PASS) != 0)
		error = errno;
	regs[REG_RAX] = -error;
	errno = saved_errno;
}

/** Sets the trap; exits with a message if the kernel does not let us. */
static inline void
syscall_trap(syscall_trap_f question)
{
	syscall_trap_question = question;
	static char handler_stack[64 << 10];
	stack_t stack;
	stack.ss_sp = handler_stack;
	stack.ss_size = sizeof(handler_stack);
	stack.ss_flags = 0;
	struct sigaction action;
	sigemptyset(&action.sa_mask);
	action.sa_sigaction = syscall_trap_handler;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;

	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[5])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYSCALL_TRAP_PASS, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };
	if (sigaltstack(&stack, NULL) != 0 || sigaction(SIGSYS, &action, NULL) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
		perror("seccomp");
		exit(EXIT_FAILURE);
	}
}

/** Whether the call sets or lifts a guard, by any of the two ways. */
static inline bool
syscall_trap_sets_guard(long number, int how)
{
	return number == SYS_mprotect ? how == PROT_NONE : how == TRAP_GUARD_INSTALL;
}

static inline bool
syscall_trap_lifts_guard(long number, int how)
{
	return number == SYS_mprotect ? how == (PROT_READ | PROT_WRITE) :
	       how == TRAP_GUARD_REMOVE;
}

#endif /* CORDAGE_TEST_SYSCALL_TRAP_H_INCLUDED */
