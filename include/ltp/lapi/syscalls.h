/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls by number: tst_syscall() makes a call that the kernel or the
 * architecture lacks a TCONF. Names that the system's headers do not know get an
 * invalid number, so that tests compile everywhere.
 */
#ifndef LTP_LAPI_SYSCALLS_H
#define LTP_LAPI_SYSCALLS_H

#include "../tst_report.h"

#include <sys/syscall.h>
#include <unistd.h>

/* No system call: the kernel answers ENOSYS. */
#define __LTP__NR_INVALID_SYSCALL -1

/* syscall(2), or TCONF. */
#define tst_syscall(NR, ...) \
({ \
	long tst_syscall_ret_ = syscall((NR), ##__VA_ARGS__); \
	\
	if (tst_syscall_ret_ == -1 && errno == ENOSYS) \
		tst_brk_(__FILE__, __LINE__, TCONF, \
			 "syscall(%d) " #NR " not supported on your arch", (int)(NR)); \
	tst_syscall_ret_; \
})

/* The names of asm/unistd_32.h, asm/unistd_64.h and asm-generic/unistd.h of Linux. */
#ifndef __NR__llseek
# define __NR__llseek __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR__newselect
# define __NR__newselect __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR__sysctl
# define __NR__sysctl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_accept
# define __NR_accept __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_accept4
# define __NR_accept4 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_access
# define __NR_access __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_acct
# define __NR_acct __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_add_key
# define __NR_add_key __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_adjtimex
# define __NR_adjtimex __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_afs_syscall
# define __NR_afs_syscall __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_alarm
# define __NR_alarm __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_arch_prctl
# define __NR_arch_prctl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_bdflush
# define __NR_bdflush __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_bind
# define __NR_bind __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_bpf
# define __NR_bpf __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_break
# define __NR_break __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_brk
# define __NR_brk __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_cachestat
# define __NR_cachestat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_capget
# define __NR_capget __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_capset
# define __NR_capset __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_chdir
# define __NR_chdir __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_chmod
# define __NR_chmod __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_chown
# define __NR_chown __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_chown32
# define __NR_chown32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_chroot
# define __NR_chroot __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_clock_adjtime
# define __NR_clock_adjtime __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_clock_adjtime64
# define __NR_clock_adjtime64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_clock_getres
# define __NR_clock_getres __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_clock_getres_time64
# define __NR_clock_getres_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_clock_gettime
# define __NR_clock_gettime __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_clock_gettime64
# define __NR_clock_gettime64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_clock_nanosleep
# define __NR_clock_nanosleep __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_clock_nanosleep_time64
# define __NR_clock_nanosleep_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_clock_settime
# define __NR_clock_settime __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_clock_settime64
# define __NR_clock_settime64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_clone
# define __NR_clone __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_clone3
# define __NR_clone3 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_close
# define __NR_close __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_close_range
# define __NR_close_range __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_connect
# define __NR_connect __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_copy_file_range
# define __NR_copy_file_range __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_creat
# define __NR_creat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_create_module
# define __NR_create_module __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_delete_module
# define __NR_delete_module __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_dup
# define __NR_dup __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_dup2
# define __NR_dup2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_dup3
# define __NR_dup3 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_epoll_create
# define __NR_epoll_create __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_epoll_create1
# define __NR_epoll_create1 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_epoll_ctl
# define __NR_epoll_ctl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_epoll_ctl_old
# define __NR_epoll_ctl_old __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_epoll_pwait
# define __NR_epoll_pwait __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_epoll_pwait2
# define __NR_epoll_pwait2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_epoll_wait
# define __NR_epoll_wait __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_epoll_wait_old
# define __NR_epoll_wait_old __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_eventfd
# define __NR_eventfd __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_eventfd2
# define __NR_eventfd2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_execve
# define __NR_execve __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_execveat
# define __NR_execveat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_exit
# define __NR_exit __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_exit_group
# define __NR_exit_group __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_faccessat
# define __NR_faccessat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_faccessat2
# define __NR_faccessat2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fadvise64
# define __NR_fadvise64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fadvise64_64
# define __NR_fadvise64_64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fallocate
# define __NR_fallocate __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fanotify_init
# define __NR_fanotify_init __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fanotify_mark
# define __NR_fanotify_mark __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fchdir
# define __NR_fchdir __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fchmod
# define __NR_fchmod __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fchmodat
# define __NR_fchmodat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fchmodat2
# define __NR_fchmodat2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fchown
# define __NR_fchown __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fchown32
# define __NR_fchown32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fchownat
# define __NR_fchownat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fcntl
# define __NR_fcntl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fcntl64
# define __NR_fcntl64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fdatasync
# define __NR_fdatasync __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fgetxattr
# define __NR_fgetxattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_file_getattr
# define __NR_file_getattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_file_setattr
# define __NR_file_setattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_finit_module
# define __NR_finit_module __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_flistxattr
# define __NR_flistxattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_flock
# define __NR_flock __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fork
# define __NR_fork __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fremovexattr
# define __NR_fremovexattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fsconfig
# define __NR_fsconfig __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fsetxattr
# define __NR_fsetxattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fsmount
# define __NR_fsmount __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fsopen
# define __NR_fsopen __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fspick
# define __NR_fspick __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fstat
# define __NR_fstat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fstat64
# define __NR_fstat64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fstatat64
# define __NR_fstatat64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fstatfs
# define __NR_fstatfs __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fstatfs64
# define __NR_fstatfs64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_fsync
# define __NR_fsync __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ftime
# define __NR_ftime __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ftruncate
# define __NR_ftruncate __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ftruncate64
# define __NR_ftruncate64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_futex
# define __NR_futex __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_futex_requeue
# define __NR_futex_requeue __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_futex_time64
# define __NR_futex_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_futex_wait
# define __NR_futex_wait __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_futex_waitv
# define __NR_futex_waitv __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_futex_wake
# define __NR_futex_wake __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_futimesat
# define __NR_futimesat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_get_kernel_syms
# define __NR_get_kernel_syms __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_get_mempolicy
# define __NR_get_mempolicy __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_get_robust_list
# define __NR_get_robust_list __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_get_thread_area
# define __NR_get_thread_area __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getcpu
# define __NR_getcpu __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getcwd
# define __NR_getcwd __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getdents
# define __NR_getdents __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getdents64
# define __NR_getdents64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getegid
# define __NR_getegid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getegid32
# define __NR_getegid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_geteuid
# define __NR_geteuid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_geteuid32
# define __NR_geteuid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getgid
# define __NR_getgid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getgid32
# define __NR_getgid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getgroups
# define __NR_getgroups __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getgroups32
# define __NR_getgroups32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getitimer
# define __NR_getitimer __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getpeername
# define __NR_getpeername __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getpgid
# define __NR_getpgid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getpgrp
# define __NR_getpgrp __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getpid
# define __NR_getpid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getpmsg
# define __NR_getpmsg __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getppid
# define __NR_getppid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getpriority
# define __NR_getpriority __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getrandom
# define __NR_getrandom __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getresgid
# define __NR_getresgid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getresgid32
# define __NR_getresgid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getresuid
# define __NR_getresuid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getresuid32
# define __NR_getresuid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getrlimit
# define __NR_getrlimit __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getrusage
# define __NR_getrusage __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getsid
# define __NR_getsid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getsockname
# define __NR_getsockname __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getsockopt
# define __NR_getsockopt __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_gettid
# define __NR_gettid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_gettimeofday
# define __NR_gettimeofday __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getuid
# define __NR_getuid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getuid32
# define __NR_getuid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getxattr
# define __NR_getxattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_getxattrat
# define __NR_getxattrat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_gtty
# define __NR_gtty __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_idle
# define __NR_idle __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_init_module
# define __NR_init_module __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_inotify_add_watch
# define __NR_inotify_add_watch __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_inotify_init
# define __NR_inotify_init __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_inotify_init1
# define __NR_inotify_init1 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_inotify_rm_watch
# define __NR_inotify_rm_watch __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_io_cancel
# define __NR_io_cancel __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_io_destroy
# define __NR_io_destroy __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_io_getevents
# define __NR_io_getevents __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_io_pgetevents
# define __NR_io_pgetevents __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_io_pgetevents_time64
# define __NR_io_pgetevents_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_io_setup
# define __NR_io_setup __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_io_submit
# define __NR_io_submit __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_io_uring_enter
# define __NR_io_uring_enter __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_io_uring_register
# define __NR_io_uring_register __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_io_uring_setup
# define __NR_io_uring_setup __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ioctl
# define __NR_ioctl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ioperm
# define __NR_ioperm __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_iopl
# define __NR_iopl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ioprio_get
# define __NR_ioprio_get __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ioprio_set
# define __NR_ioprio_set __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ipc
# define __NR_ipc __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_kcmp
# define __NR_kcmp __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_kexec_file_load
# define __NR_kexec_file_load __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_kexec_load
# define __NR_kexec_load __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_keyctl
# define __NR_keyctl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_kill
# define __NR_kill __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_landlock_add_rule
# define __NR_landlock_add_rule __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_landlock_create_ruleset
# define __NR_landlock_create_ruleset __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_landlock_restrict_self
# define __NR_landlock_restrict_self __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lchown
# define __NR_lchown __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lchown32
# define __NR_lchown32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lgetxattr
# define __NR_lgetxattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_link
# define __NR_link __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_linkat
# define __NR_linkat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_listen
# define __NR_listen __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_listmount
# define __NR_listmount __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_listxattr
# define __NR_listxattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_listxattrat
# define __NR_listxattrat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_llistxattr
# define __NR_llistxattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_llseek
# define __NR_llseek __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lock
# define __NR_lock __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lookup_dcookie
# define __NR_lookup_dcookie __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lremovexattr
# define __NR_lremovexattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lseek
# define __NR_lseek __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lsetxattr
# define __NR_lsetxattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lsm_get_self_attr
# define __NR_lsm_get_self_attr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lsm_list_modules
# define __NR_lsm_list_modules __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lsm_set_self_attr
# define __NR_lsm_set_self_attr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lstat
# define __NR_lstat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_lstat64
# define __NR_lstat64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_madvise
# define __NR_madvise __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_map_shadow_stack
# define __NR_map_shadow_stack __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mbind
# define __NR_mbind __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_membarrier
# define __NR_membarrier __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_memfd_create
# define __NR_memfd_create __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_memfd_secret
# define __NR_memfd_secret __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_migrate_pages
# define __NR_migrate_pages __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mincore
# define __NR_mincore __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mkdir
# define __NR_mkdir __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mkdirat
# define __NR_mkdirat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mknod
# define __NR_mknod __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mknodat
# define __NR_mknodat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mlock
# define __NR_mlock __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mlock2
# define __NR_mlock2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mlockall
# define __NR_mlockall __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mmap
# define __NR_mmap __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mmap2
# define __NR_mmap2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_modify_ldt
# define __NR_modify_ldt __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mount
# define __NR_mount __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mount_setattr
# define __NR_mount_setattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_move_mount
# define __NR_move_mount __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_move_pages
# define __NR_move_pages __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mprotect
# define __NR_mprotect __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mpx
# define __NR_mpx __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mq_getsetattr
# define __NR_mq_getsetattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mq_notify
# define __NR_mq_notify __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mq_open
# define __NR_mq_open __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mq_timedreceive
# define __NR_mq_timedreceive __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mq_timedreceive_time64
# define __NR_mq_timedreceive_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mq_timedsend
# define __NR_mq_timedsend __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mq_timedsend_time64
# define __NR_mq_timedsend_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mq_unlink
# define __NR_mq_unlink __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mremap
# define __NR_mremap __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_mseal
# define __NR_mseal __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_msgctl
# define __NR_msgctl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_msgget
# define __NR_msgget __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_msgrcv
# define __NR_msgrcv __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_msgsnd
# define __NR_msgsnd __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_msync
# define __NR_msync __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_munlock
# define __NR_munlock __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_munlockall
# define __NR_munlockall __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_munmap
# define __NR_munmap __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_name_to_handle_at
# define __NR_name_to_handle_at __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_nanosleep
# define __NR_nanosleep __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_newfstatat
# define __NR_newfstatat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_nfsservctl
# define __NR_nfsservctl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_nice
# define __NR_nice __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_oldfstat
# define __NR_oldfstat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_oldlstat
# define __NR_oldlstat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_oldolduname
# define __NR_oldolduname __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_oldstat
# define __NR_oldstat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_olduname
# define __NR_olduname __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_open
# define __NR_open __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_open_by_handle_at
# define __NR_open_by_handle_at __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_open_tree
# define __NR_open_tree __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_open_tree_attr
# define __NR_open_tree_attr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_openat
# define __NR_openat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_openat2
# define __NR_openat2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pause
# define __NR_pause __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_perf_event_open
# define __NR_perf_event_open __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_personality
# define __NR_personality __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pidfd_getfd
# define __NR_pidfd_getfd __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pidfd_open
# define __NR_pidfd_open __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pidfd_send_signal
# define __NR_pidfd_send_signal __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pipe
# define __NR_pipe __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pipe2
# define __NR_pipe2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pivot_root
# define __NR_pivot_root __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pkey_alloc
# define __NR_pkey_alloc __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pkey_free
# define __NR_pkey_free __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pkey_mprotect
# define __NR_pkey_mprotect __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_poll
# define __NR_poll __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ppoll
# define __NR_ppoll __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ppoll_time64
# define __NR_ppoll_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_prctl
# define __NR_prctl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pread64
# define __NR_pread64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_preadv
# define __NR_preadv __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_preadv2
# define __NR_preadv2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_prlimit64
# define __NR_prlimit64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_process_madvise
# define __NR_process_madvise __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_process_mrelease
# define __NR_process_mrelease __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_process_vm_readv
# define __NR_process_vm_readv __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_process_vm_writev
# define __NR_process_vm_writev __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_prof
# define __NR_prof __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_profil
# define __NR_profil __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pselect6
# define __NR_pselect6 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pselect6_time64
# define __NR_pselect6_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ptrace
# define __NR_ptrace __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_putpmsg
# define __NR_putpmsg __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pwrite64
# define __NR_pwrite64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pwritev
# define __NR_pwritev __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_pwritev2
# define __NR_pwritev2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_query_module
# define __NR_query_module __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_quotactl
# define __NR_quotactl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_quotactl_fd
# define __NR_quotactl_fd __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_read
# define __NR_read __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_readahead
# define __NR_readahead __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_readdir
# define __NR_readdir __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_readlink
# define __NR_readlink __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_readlinkat
# define __NR_readlinkat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_readv
# define __NR_readv __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_reboot
# define __NR_reboot __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_recvfrom
# define __NR_recvfrom __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_recvmmsg
# define __NR_recvmmsg __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_recvmmsg_time64
# define __NR_recvmmsg_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_recvmsg
# define __NR_recvmsg __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_remap_file_pages
# define __NR_remap_file_pages __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_removexattr
# define __NR_removexattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_removexattrat
# define __NR_removexattrat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_rename
# define __NR_rename __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_renameat
# define __NR_renameat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_renameat2
# define __NR_renameat2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_request_key
# define __NR_request_key __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_restart_syscall
# define __NR_restart_syscall __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_rmdir
# define __NR_rmdir __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_rseq
# define __NR_rseq __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_rt_sigaction
# define __NR_rt_sigaction __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_rt_sigpending
# define __NR_rt_sigpending __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_rt_sigprocmask
# define __NR_rt_sigprocmask __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_rt_sigqueueinfo
# define __NR_rt_sigqueueinfo __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_rt_sigreturn
# define __NR_rt_sigreturn __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_rt_sigsuspend
# define __NR_rt_sigsuspend __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_rt_sigtimedwait
# define __NR_rt_sigtimedwait __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_rt_sigtimedwait_time64
# define __NR_rt_sigtimedwait_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_rt_tgsigqueueinfo
# define __NR_rt_tgsigqueueinfo __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_get_priority_max
# define __NR_sched_get_priority_max __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_get_priority_min
# define __NR_sched_get_priority_min __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_getaffinity
# define __NR_sched_getaffinity __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_getattr
# define __NR_sched_getattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_getparam
# define __NR_sched_getparam __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_getscheduler
# define __NR_sched_getscheduler __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_rr_get_interval
# define __NR_sched_rr_get_interval __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_rr_get_interval_time64
# define __NR_sched_rr_get_interval_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_setaffinity
# define __NR_sched_setaffinity __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_setattr
# define __NR_sched_setattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_setparam
# define __NR_sched_setparam __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_setscheduler
# define __NR_sched_setscheduler __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sched_yield
# define __NR_sched_yield __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_seccomp
# define __NR_seccomp __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_security
# define __NR_security __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_select
# define __NR_select __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_semctl
# define __NR_semctl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_semget
# define __NR_semget __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_semop
# define __NR_semop __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_semtimedop
# define __NR_semtimedop __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_semtimedop_time64
# define __NR_semtimedop_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sendfile
# define __NR_sendfile __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sendfile64
# define __NR_sendfile64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sendmmsg
# define __NR_sendmmsg __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sendmsg
# define __NR_sendmsg __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sendto
# define __NR_sendto __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_set_mempolicy
# define __NR_set_mempolicy __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_set_mempolicy_home_node
# define __NR_set_mempolicy_home_node __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_set_robust_list
# define __NR_set_robust_list __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_set_thread_area
# define __NR_set_thread_area __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_set_tid_address
# define __NR_set_tid_address __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setdomainname
# define __NR_setdomainname __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setfsgid
# define __NR_setfsgid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setfsgid32
# define __NR_setfsgid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setfsuid
# define __NR_setfsuid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setfsuid32
# define __NR_setfsuid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setgid
# define __NR_setgid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setgid32
# define __NR_setgid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setgroups
# define __NR_setgroups __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setgroups32
# define __NR_setgroups32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sethostname
# define __NR_sethostname __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setitimer
# define __NR_setitimer __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setns
# define __NR_setns __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setpgid
# define __NR_setpgid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setpriority
# define __NR_setpriority __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setregid
# define __NR_setregid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setregid32
# define __NR_setregid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setresgid
# define __NR_setresgid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setresgid32
# define __NR_setresgid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setresuid
# define __NR_setresuid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setresuid32
# define __NR_setresuid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setreuid
# define __NR_setreuid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setreuid32
# define __NR_setreuid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setrlimit
# define __NR_setrlimit __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setsid
# define __NR_setsid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setsockopt
# define __NR_setsockopt __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_settimeofday
# define __NR_settimeofday __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setuid
# define __NR_setuid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setuid32
# define __NR_setuid32 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setxattr
# define __NR_setxattr __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_setxattrat
# define __NR_setxattrat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sgetmask
# define __NR_sgetmask __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_shmat
# define __NR_shmat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_shmctl
# define __NR_shmctl __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_shmdt
# define __NR_shmdt __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_shmget
# define __NR_shmget __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_shutdown
# define __NR_shutdown __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sigaction
# define __NR_sigaction __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sigaltstack
# define __NR_sigaltstack __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_signal
# define __NR_signal __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_signalfd
# define __NR_signalfd __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_signalfd4
# define __NR_signalfd4 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sigpending
# define __NR_sigpending __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sigprocmask
# define __NR_sigprocmask __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sigreturn
# define __NR_sigreturn __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sigsuspend
# define __NR_sigsuspend __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_socket
# define __NR_socket __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_socketcall
# define __NR_socketcall __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_socketpair
# define __NR_socketpair __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_splice
# define __NR_splice __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ssetmask
# define __NR_ssetmask __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_stat
# define __NR_stat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_stat64
# define __NR_stat64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_statfs
# define __NR_statfs __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_statfs64
# define __NR_statfs64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_statmount
# define __NR_statmount __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_statx
# define __NR_statx __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_stime
# define __NR_stime __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_stty
# define __NR_stty __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_swapoff
# define __NR_swapoff __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_swapon
# define __NR_swapon __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_symlink
# define __NR_symlink __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_symlinkat
# define __NR_symlinkat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sync
# define __NR_sync __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sync_file_range
# define __NR_sync_file_range __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sync_file_range2
# define __NR_sync_file_range2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_syncfs
# define __NR_syncfs __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sysfs
# define __NR_sysfs __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_sysinfo
# define __NR_sysinfo __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_syslog
# define __NR_syslog __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_tee
# define __NR_tee __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_tgkill
# define __NR_tgkill __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_time
# define __NR_time __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_timer_create
# define __NR_timer_create __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_timer_delete
# define __NR_timer_delete __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_timer_getoverrun
# define __NR_timer_getoverrun __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_timer_gettime
# define __NR_timer_gettime __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_timer_gettime64
# define __NR_timer_gettime64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_timer_settime
# define __NR_timer_settime __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_timer_settime64
# define __NR_timer_settime64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_timerfd_create
# define __NR_timerfd_create __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_timerfd_gettime
# define __NR_timerfd_gettime __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_timerfd_gettime64
# define __NR_timerfd_gettime64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_timerfd_settime
# define __NR_timerfd_settime __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_timerfd_settime64
# define __NR_timerfd_settime64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_times
# define __NR_times __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_tkill
# define __NR_tkill __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_truncate
# define __NR_truncate __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_truncate64
# define __NR_truncate64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_tuxcall
# define __NR_tuxcall __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ugetrlimit
# define __NR_ugetrlimit __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ulimit
# define __NR_ulimit __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_umask
# define __NR_umask __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_umount
# define __NR_umount __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_umount2
# define __NR_umount2 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_uname
# define __NR_uname __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_unlink
# define __NR_unlink __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_unlinkat
# define __NR_unlinkat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_unshare
# define __NR_unshare __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_uselib
# define __NR_uselib __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_userfaultfd
# define __NR_userfaultfd __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_ustat
# define __NR_ustat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_utime
# define __NR_utime __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_utimensat
# define __NR_utimensat __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_utimensat_time64
# define __NR_utimensat_time64 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_utimes
# define __NR_utimes __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_vfork
# define __NR_vfork __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_vhangup
# define __NR_vhangup __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_vm86
# define __NR_vm86 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_vm86old
# define __NR_vm86old __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_vmsplice
# define __NR_vmsplice __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_vserver
# define __NR_vserver __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_wait4
# define __NR_wait4 __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_waitid
# define __NR_waitid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_waitpid
# define __NR_waitpid __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_write
# define __NR_write __LTP__NR_INVALID_SYSCALL
#endif
#ifndef __NR_writev
# define __NR_writev __LTP__NR_INVALID_SYSCALL
#endif

#endif
